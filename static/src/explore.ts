import { mount } from "svelte";
import "./app.css";
import App from "./App.svelte";
import { prepared } from "./lib/prepared.svelte";
import { selection } from "./lib/selection.svelte";
import { readFirstData, session } from "./lib/session.svelte";
import { carry, speak } from "./lib/texts";
import { readView } from "./lib/query";
import { fetchRenderer } from "./network/tiles";
import { progress } from "./tour/progress.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("The page has no element #app to draw into.");
const first = readFirstData(document);
selection.preferred = document.documentElement.lang;
if (first.texts) carry(selection.preferred, first.texts);
selection.restore(readView(location.search));
prepared.recall();
progress.recall();
selection.listing = prepared.takeLink(location.hash);
// What the first view needs next is on its way while it is built.
session();
fetchRenderer();
await speak(selection.language);
mount(App, { target });
void session().start(first);
