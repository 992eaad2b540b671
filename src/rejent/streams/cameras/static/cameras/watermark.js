// The watermark: who looks, when and for which case. It wanders, comes back when it is taken out, and lies wholly on the
// picture – not on the bars beside a picture that is narrower or lower than its room.

/** Shares of the free width and height that lie before it. */
const PLACES = [[0, 0.14], [1, 0.9], [0.5, 0.5], [1, 0.14], [0, 0.9], [0.35, 0.3], [0.75, 0.7]];
/** What stays free on each side of it, as a share of the picture. */
const MARGIN = 0.03;
/** Letters, as a share of the picture's width, and their smallest and largest size in pixels. */
const LETTERS = { share: 0.022, least: 12, most: 44 };

export class Watermark {
  /** @param {HTMLElement} room holds the picture and the mark @param {HTMLVideoElement} video */
  constructor(room, video) {
    this.room = room;
    this.video = video;
    this.mark = room.querySelector(".watermark");
    this.text = "";
    this.place = PLACES[0];
    const sizes = new ResizeObserver(() => this.#fit());
    for (const element of [room, this.mark]) sizes.observe(element);
    video.addEventListener("resize", () => this.#fit());
    new MutationObserver(() => this.#restore()).observe(room, { childList: true, subtree: true, characterData: true });
  }

  /** Show a text at one of the places. @param {string} text @param {number} place */
  say(text, place) {
    this.text = text;
    this.place = PLACES[place % PLACES.length];
    this.mark.dataset.place = String(place % PLACES.length);
    this.#restore();
    this.#fit();
  }

  #restore() {
    if (!this.mark.isConnected) this.room.append(this.mark);
    if (this.mark.textContent !== this.text) this.mark.textContent = this.text;
  }

  /** The picture's own rectangle within its room, in pixels. */
  #picture() {
    const { clientWidth: wide, clientHeight: high } = this.room;
    const ratio = this.video.videoWidth ? this.video.videoWidth / this.video.videoHeight : wide / Math.max(high, 1);
    const width = Math.min(wide, high * ratio);
    return { left: (wide - width) / 2, top: (high - width / ratio) / 2, width, height: width / ratio };
  }

  #fit() {
    const { left, top, width, height } = this.#picture();
    if (!width) return;
    const { style } = this.mark;
    style.fontSize = `${Math.min(Math.max(width * LETTERS.share, LETTERS.least), LETTERS.most)}px`;
    const inner = { width: width * (1 - 2 * MARGIN), height: height * (1 - 2 * MARGIN) };
    style.maxWidth = `${inner.width}px`;
    style.left = `${left + width * MARGIN + (inner.width - this.mark.offsetWidth) * this.place[0]}px`;
    style.top = `${top + height * MARGIN + (inner.height - this.mark.offsetHeight) * this.place[1]}px`;
  }
}
