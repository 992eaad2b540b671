// Whether the viewing still stands: asked every second, so that a right that is taken away ends the picture at once.
// Once a form leads away, ending the viewing among them, nothing is asked any more: the answer would be a refusal.

const EVERY_MS = 1000;

export class Right extends EventTarget {
  #leaving = new AbortController();

  /**
   * Events: `ended` (detail: the reason, or nothing where the session itself is over).
   * @param {string} base address of the viewing
   */
  constructor(base) {
    super();
    this.address = `${base}/standing`;
    window.addEventListener("submit", (event) => event.defaultPrevented || this.#leaving.abort());
    this.#ask();
  }

  async #ask() {
    const begun = performance.now();
    try {
      const answer = await fetch(this.address, {
        headers: { Accept: "application/json" },
        redirect: "manual",
        signal: this.#leaving.signal,
      });
      if (answer.status !== 204) {
        const said = answer.type === "opaqueredirect" ? {} : await answer.json().catch(() => ({}));
        this.dispatchEvent(new CustomEvent("ended", { detail: said.error ?? "" }));
        return;
      }
    } catch {
      // Nothing answered: what is buffered is bounded, and the next piece fails by itself.
    }
    if (!this.#leaving.signal.aborted) setTimeout(() => this.#ask(), Math.max(0, EVERY_MS - (performance.now() - begun)));
  }
}
