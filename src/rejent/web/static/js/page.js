// What every page shares: focus on what is wrong, pages that look again by themselves, one key to find and one for help.

/** Move the focus to the error summary, so that it is read first. */
const summary = document.querySelector("[data-focus]");
if (summary instanceof HTMLElement) summary.focus();

/** The side column may be longer than the screen: show in it where one is. */
document.querySelector('.side [aria-current="page"]')?.scrollIntoView({ block: "nearest" });

/** When somebody last set out for another page: a reload would call the browser back from there. A file that is saved leaves no page, so it counts for a while only. */
const LEAVING_MS = 15_000;
let leavingAt = -Infinity;
addEventListener("beforeunload", () => {
  leavingAt = performance.now();
});

/** Load this page anew, unless the browser is on its way to another. */
export function reloadUnlessLeaving() {
  if (performance.now() - leavingAt > LEAVING_MS) location.reload();
}

/** Pages that wait for something reload themselves, but never under somebody's hands. */
const waiting = document.querySelector("[data-refresh]");
if (waiting instanceof HTMLElement) {
  const seconds = Number(waiting.dataset.refresh);
  setInterval(() => {
    const busy = document.activeElement instanceof HTMLInputElement || document.hidden;
    if (!busy) reloadUnlessLeaving();
  }, seconds * 1000);
}

/** „Take this time” fills the form instead of making people copy. */
for (const button of document.querySelectorAll("[data-take-time]")) {
  button.addEventListener("click", () => {
    const form = button.closest("form");
    form.elements.day.value = button.dataset.takeDay;
    form.elements.time.value = button.dataset.takeTime;
    form.elements.time.focus();
  });
}

/** A form is sent once, however often its button is pressed; where the answer is a file the page stays there for the next. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const answersFile = "download" in form.dataset && event.submitter?.name !== "seal";
  if (answersFile && form.dataset.shows) {
    document.getElementById(form.dataset.shows)?.removeAttribute("hidden");
    for (const said of document.querySelectorAll(`[data-until="${form.dataset.shows}"]`)) said.hidden = true;
  }
  if (form.method !== "post" || event.defaultPrevented || answersFile) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

/** Whether a key press belongs to something people type in. @param {KeyboardEvent} event */
export function isTyping(event) {
  const target = event.target;
  return target instanceof HTMLElement && (target.closest("input, select, textarea, dialog, [contenteditable]") !== null);
}

/** Whether single letters act as keys. */
export const letterKeys = document.documentElement.hasAttribute("data-letter-keys");

/** The keys of a page, shown by ?; the player has its own. */
const pageKeys = document.getElementById("keys") ? null : document.getElementById("page-keys");

document.addEventListener("keydown", (event) => {
  if (!letterKeys || event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) return;
  const find = event.key === "/" ? [...document.querySelectorAll("[data-search]")].find((one) => one.checkVisibility()) : null;
  if (find instanceof HTMLInputElement) find.select();
  else if (event.key === "?" && pageKeys instanceof HTMLDialogElement) pageKeys.showModal();
  else return;
  event.preventDefault();
});
