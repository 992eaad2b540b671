// Pages of rows by keyboard: j and k go from row to row, a letter presses what bears it.

import { isTyping, letterKeys } from "./page.js";

const links = () => [...document.querySelectorAll("[data-rows] li a, [data-rows] th a")];

/** Put the focus on the link of the row so many rows away from the one that has it. @param {number} step */
function move(step) {
  const all = links();
  const row = document.activeElement?.closest("[data-rows] li, [data-rows] tr");
  const from = row ? all.findIndex((link) => row.contains(link)) : -1;
  const to = from < 0 ? (step > 0 ? 0 : all.length - 1) : from + step;
  const link = all[Math.max(0, Math.min(all.length - 1, to))];
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (!letterKeys || event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) return;
  const steps = { j: 1, k: -1 };
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (event.key in steps) move(steps[event.key]);
  else if (pressed instanceof HTMLInputElement) pressed.select();
  else if (pressed instanceof HTMLElement) pressed.click();
  else return;
  event.preventDefault();
});

/** The details of a row close by Escape, and give the focus back. */
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" ? document.querySelector(".row-panel[open]") : null;
  if (!(open instanceof HTMLDetailsElement)) return;
  open.open = false;
  open.querySelector("summary")?.focus();
});

/** On a narrow screen the rows come first: the filter opens by a press. */
if (matchMedia("(max-width: 47.99rem)").matches) for (const fold of document.querySelectorAll("[data-folds-narrow]")) fold.open = false;
