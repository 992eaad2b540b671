// A form beside the recording: asked for, sent and answered in its own room, so that nobody leaves what they look at.

/** A refusal comes as JSON then. */
const ACCEPT = { Accept: "text/html, application/json" };

export class Beside extends EventTarget {
  /**
   * Events: `done` once what the form is for has happened.
   * @param {HTMLElement} room the aside; `.inside` takes what the server answers
   * @param {HTMLElement | null} other what stands in its place while it is shut
   * @param {string} failed what is said where nothing answers
   */
  constructor(room, other, failed) {
    super();
    this.room = room;
    this.other = other;
    this.failed = failed;
    this.inside = room.querySelector(".inside");
    room.addEventListener("submit", (event) => this.#submit(event));
  }

  /** Whether it is open. */
  get open() {
    return !this.room.hidden;
  }

  /** Ask for a form. @param {string} address */
  async show(address) {
    this.address = address;
    await this.#take(fetch(address, { redirect: "manual", headers: ACCEPT }));
  }

  /** Set a field, if there is one of that name. @param {string} name @param {string} value */
  set(name, value) {
    const field = this.inside.querySelector(`[name="${name}"]`);
    if (field) field.value = value;
  }

  /** Shut it. */
  close() {
    this.room.hidden = true;
    this.inside.replaceChildren();
    if (this.other) this.other.hidden = false;
  }

  #submit(event) {
    event.preventDefault();
    if (this.busy) return;
    const body = new URLSearchParams(new FormData(event.target, event.submitter));
    this.#take(fetch(this.address, { method: "POST", body, redirect: "manual", headers: ACCEPT }));
  }

  async #take(asked) {
    this.busy = true;
    const answer = await asked.catch(() => null);
    this.busy = false;
    const readable = answer?.headers.get("X-Beside");
    if (readable) this.inside.innerHTML = await answer.text();
    else this.inside.textContent = (await answer?.json().catch(() => null))?.error ?? this.failed;
    this.room.hidden = false;
    if (this.other) this.other.hidden = true;
    this.inside.scrollTop = 0;
    const first = this.inside.querySelector("[data-focus], h1");
    first?.setAttribute("tabindex", "-1");
    first?.focus({ preventScroll: true });
    if (readable && this.inside.querySelector("[data-done]")) this.dispatchEvent(new CustomEvent("done"));
  }
}
