// The days of a month with recordings: arrows move among them, one chosen fills the form's date; another camera or month is
// fetched in its place.

const room = document.getElementById("days-room");
const form = document.querySelector("form[data-find]");
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

const days = () => [...room.querySelectorAll("[data-day]")];

/** Exactly one day is reached by the tab key: the chosen one, else the last. @param {HTMLElement | undefined} one */
function reach(one) {
  for (const day of days()) day.tabIndex = day === one ? 0 : -1;
}

/** Which day is chosen: the one that the server understood of what stands in the form. */
function mark() {
  const chosen = room.dataset.chosen || form.elements.day.value;
  room.querySelector("table")?.setAttribute("role", "grid");
  for (const day of days()) {
    if (day.dataset.day === chosen) day.setAttribute("aria-current", "date");
    else day.removeAttribute("aria-current");
  }
  reach(days().find((day) => day.dataset.day === chosen) ?? days().at(-1));
}

/** Fetch the calendar of another camera, date or month. @param {string} month as `2026-11`; empty for that of the date */
async function load(month, focused) {
  const wanted = new URLSearchParams({ source: form.elements.source.value, month, day: form.elements.day.value });
  const response = await fetch(`${form.action}?${wanted}`, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fetched = page.getElementById("days-room");
  room.replaceChildren(...fetched.childNodes);
  room.dataset.chosen = fetched.dataset.chosen;
  document.getElementById("understood").textContent = page.getElementById("understood").textContent;
  mark();
  if (focused) (room.querySelector('[data-day][tabindex="0"]') ?? room.querySelector("[data-month]"))?.focus();
}

/** The day so many days away, or the nearest beyond it that has a recording. */
function moved(from, step) {
  const all = days();
  const number = (day) => Number(day.querySelector("b").textContent);
  const wanted = number(from) + step;
  if (step < 0) return all.findLast((day) => number(day) <= wanted) ?? (step === -1 ? undefined : all[0]);
  return all.find((day) => number(day) >= wanted) ?? (step === 1 ? undefined : all.at(-1));
}

room.addEventListener("keydown", (event) => {
  const from = event.target.closest("[data-day]");
  if (!from || event.altKey || event.ctrlKey || event.metaKey) return;
  const turned = { PageUp: 0, PageDown: 1 }[event.key];
  if (turned !== undefined) {
    event.preventDefault();
    const link = [...room.querySelectorAll("[data-month]")][turned];
    if (link) load(link.dataset.month, true);
    return;
  }
  const to = event.key === "Home" ? days()[0] : event.key === "End" ? days().at(-1) : STEPS[event.key] && moved(from, STEPS[event.key]);
  if (!(event.key in STEPS) && event.key !== "Home" && event.key !== "End") return;
  event.preventDefault();
  if (!to) return;
  reach(to);
  to.focus();
});

room.addEventListener("click", (event) => {
  const day = event.target.closest("[data-day]");
  const month = event.target.closest("[data-month]");
  if (day) {
    event.preventDefault();
    form.elements.day.value = day.dataset.day;
    load("");
    form.elements.time.focus();
  } else if (month) {
    event.preventDefault();
    load(month.dataset.month, true);
  }
});

for (const name of ["pointerover", "focusin"]) {
  room.addEventListener(name, (event) => {
    const told = event.target.closest("[data-words]");
    const words = room.querySelector("#day-words");
    if (told && words) words.textContent = told.dataset.words;
  });
}

form.elements.source.addEventListener("change", () => load(""));
form.elements.day.addEventListener("change", () => load(""));
mark();
