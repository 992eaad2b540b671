// The deadline of an application, counted by the program while it is typed; without this script a button counts it.

const form = document.querySelector("form[data-deadline]");
const shown = document.querySelector("[data-deadline-shown]");
const COUNTED = ["event_first", "event_last", "received_on", "posted_on", "channel"];

/** The fields that the deadline follows from, as an address has them. */
function typed() {
  const fields = new FormData(form);
  return new URLSearchParams(COUNTED.map((name) => [name, String(fields.get(name) ?? "")]));
}

let asked = new AbortController();

async function count() {
  asked.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(`${form.dataset.deadline}?${typed()}`, { signal: asked.signal, redirect: "error" });
    if (answer.ok) shown.innerHTML = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") shown.textContent = "";
  }
}

if (form instanceof HTMLFormElement && shown) {
  form.addEventListener("input", (event) => {
    if (COUNTED.includes(event.target.name)) count();
  });
}
