import { mount } from "svelte";
import "./app.css";
import App from "./App.svelte";
import { selection } from "./lib/selection.svelte";
import { readFirstData, session } from "./lib/session.svelte";
import { speak } from "./lib/texts";
import { readView } from "./lib/view";

const target = document.getElementById("app");
if (!target) throw new Error("The page has no element #app to draw into.");
selection.preferred = document.documentElement.lang;
selection.restore(readView(location.search));
await speak(selection.language);
mount(App, { target });
void session().start(readFirstData(document));
