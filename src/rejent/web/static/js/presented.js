// What was presented, second by second: reported every few seconds while it runs, with the form that ends the viewing, and when the page goes.

const EVERY_MS = 4000;

export class Presented {
  #waiting = new Set();
  #reported = false;
  #busy = false;

  /**
   * @param {string} base address of the viewing
   * @param {number} start instant of second 0, in milliseconds since 1970
   */
  constructor(base, start) {
    this.address = `${base}/presented`;
    this.start = Math.round(start / 1000);
    this.form = document.querySelector(`form[action="${base}/close"]`);
    this.form?.addEventListener("submit", () => this.#fill());
    addEventListener("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#leave(); });
    this.timer = setInterval(() => this.send(), EVERY_MS);
    this.send();
  }

  /** A picture of a second was presented. @param {number} seconds */
  picture(seconds) {
    this.#waiting.add(Math.floor(seconds));
  }

  /** Sound was played from one position to another. @param {number} from @param {number} to */
  sound(from, to) {
    for (let second = Math.floor(from); second < to; second += 1) this.#waiting.add(second);
  }

  /** Report what was not reported yet; what does not arrive is reported again. */
  async send() {
    if (this.#busy || (this.#reported && !this.#waiting.size)) return;
    this.#busy = true;
    const sent = this.#waiting;
    this.#waiting = new Set();
    const answer = await fetch(this.address, {
      method: "POST", body: this.#report(sent), keepalive: true, redirect: "manual", headers: { Accept: "application/json" },
    }).catch(() => null);
    this.#busy = false;
    if (answer?.status === 204) this.#reported = true;
    else if (!answer || answer.status >= 500) sent.forEach((second) => this.#waiting.add(second));
    else clearInterval(this.timer);
  }

  /** The page goes, or is out of sight and may never come back. */
  #leave() {
    if (!this.#waiting.size) return;
    if (navigator.sendBeacon(this.address, this.#report(this.#waiting))) this.#waiting = new Set();
  }

  /** The form that ends the viewing takes the rest along, since after it nothing is taken any more. */
  #fill() {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "presented";
    field.value = this.#runs(this.#waiting);
    this.form.append(field);
    this.#waiting = new Set();
    clearInterval(this.timer);
  }

  #report(seconds) {
    return new URLSearchParams({ csrfmiddlewaretoken: this.form?.elements.csrfmiddlewaretoken.value ?? "", presented: this.#runs(seconds) });
  }

  /** `first-end` of every run of seconds, since 1970, the end not included. */
  #runs(seconds) {
    const runs = [];
    for (const second of [...seconds].sort((a, b) => a - b)) {
      const at = this.start + second;
      if (runs.length && runs.at(-1)[1] === at) runs.at(-1)[1] = at + 1;
      else runs.push([at, at + 1]);
    }
    return runs.map((run) => run.join("-")).join(",");
  }
}
