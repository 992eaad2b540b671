// How far a copy is, asked for every second; the page is loaded anew once it is made.

import { reloadUnlessLeaving } from "./page.js";

const EVERY_MS = 1000;
const panel = document.querySelector("[data-making]");

async function ask() {
  try {
    const answer = await fetch(panel.dataset.making, { redirect: "error" });
    if (answer.ok) {
      const { percent, making } = await answer.json();
      if (!making) reloadUnlessLeaving();
      panel.querySelector("progress").value = percent;
      panel.querySelector("[data-percent]").value = `${percent} %`;
    }
  } catch {
    // Asked again in a second: the network, or the program, may be back by then.
  }
  setTimeout(ask, EVERY_MS);
}

if (panel instanceof HTMLElement) setTimeout(ask, EVERY_MS);
