// What the player says to a screen reader: politely at most once a second, the newest last; at once where playing ends.

const PAUSE_MS = 1000;

export class Voice {
  /** @param {HTMLElement} polite @param {HTMLElement} assertive live regions of the page */
  constructor(polite, assertive) {
    this.polite = polite;
    this.assertive = assertive;
    this.spoken = -PAUSE_MS;
  }

  /** Say something when there is time for it. @param {string} text */
  say(text) {
    clearTimeout(this.pending);
    const wait = Math.max(0, this.spoken + PAUSE_MS - performance.now());
    this.pending = setTimeout(() => {
      this.spoken = performance.now();
      this.polite.textContent = text;
    }, wait);
  }

  /** Say something at once. @param {string} text */
  interrupt(text) {
    this.assertive.textContent = text;
  }
}
