import { mount } from "svelte";
import "./app.css";
import { selection } from "./lib/selection.svelte";
import { learn, speak } from "./lib/texts";
import { readView } from "./lib/query";
import TrainPage from "./train/TrainPage.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("The page has no element #app to draw into.");
selection.preferred = document.documentElement.lang;
selection.restore(readView(location.search));
await Promise.all([speak(selection.language), learn()]);
mount(TrainPage, { target });
