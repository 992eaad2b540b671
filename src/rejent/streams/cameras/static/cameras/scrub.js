// Small pictures while the cursor is dragged: one in flight, the newest wish wins.

const PAUSE_MS = 100;
/** Seconds a wish has to differ from what was fetched to be fetched itself. */
const NEWS_S = 0.5;

export class Scrub {
  /**
   * @param {HTMLImageElement} still
   * @param {string} base address of the viewing
   * @param {() => boolean} dragged whether somebody still drags
   * @param {(seconds: number) => void} presented called with the second of each picture that is shown
   */
  constructor(still, base, dragged, presented) {
    this.still = still;
    this.presented = presented;
    this.base = base;
    this.dragged = dragged;
  }

  /** Show the picture of a second as soon as it is there. */
  show(seconds) {
    this.wish = seconds;
    if (this.fetching) return;
    this.fetching = true;
    this.still.onload = this.still.onerror = (event) => {
      this.still.hidden = event.type === "error" || this.wish === null || !this.dragged();
      if (!this.still.hidden) this.presented(seconds);
      setTimeout(() => {
        this.fetching = false;
        if (this.dragged() && this.wish !== null && Math.abs(this.wish - seconds) > NEWS_S) this.show(this.wish);
      }, PAUSE_MS);
    };
    this.still.src = `${this.base}/still?t=${seconds.toFixed(2)}&size=picture`;
  }

  /** There is nothing to be shown any more. */
  rest() {
    this.wish = null;
    this.still.hidden = true;
  }
}
