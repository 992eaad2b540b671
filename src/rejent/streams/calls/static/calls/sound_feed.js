// The sound of a call, piece by piece: each is asked for anew, so that a right that has ended ends what can be heard.

const PIECE = 10;
/** Seconds kept behind the cursor. */
const BEHIND = 30;
export const MIME = 'audio/mp4; codecs="flac"';

export class SoundFeed extends EventTarget {
  /**
   * Events: `failed` (detail: an error with `status`).
   * @param {HTMLAudioElement} audio
   * @param {string} base address of the viewing
   * @param {number} length seconds of the call
   */
  constructor(audio, base, length) {
    super();
    this.audio = audio;
    this.base = base;
    this.length = length;
    this.until = 0;
    this.from = 0;
    this.source = new MediaSource();
    this.ready = new Promise((resolve) => {
      this.source.addEventListener("sourceopen", () => {
        this.buffer = this.source.addSourceBuffer(MIME);
        this.source.duration = length;
        resolve();
      }, { once: true });
    });
    audio.src = URL.createObjectURL(this.source);
  }

  /** See that what follows a position is there, so many seconds ahead. */
  async want(at, ahead) {
    this.from = at;
    this.until = Math.min(at + ahead, this.length);
    if (this.busy || this.over) return;
    this.busy = true;
    try {
      await this.ready;
      for (let start = this.#missing(); start !== undefined && !this.over; start = this.#missing()) await this.#fetch(start);
      if (!this.over && this.source.readyState === "open" && this.has(this.length - 0.1)) this.source.endOfStream();
    } catch (error) {
      if (!this.over) this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    } finally {
      this.busy = false;
    }
  }

  /** Whether a position can be heard at once. */
  has(at) {
    const ranges = this.buffer?.buffered ?? { length: 0 };
    for (let number = 0; number < ranges.length; number += 1) {
      if (ranges.start(number) - 0.01 <= at && at < ranges.end(number) - 0.01) return true;
    }
    return false;
  }

  /** Everything that is held goes, and nothing comes any more. */
  close() {
    this.over = true;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  /** The beginning of the first piece that is wanted and not there. */
  #missing() {
    for (let start = Math.floor(this.from / PIECE) * PIECE; start < this.until; start += PIECE) {
      if (!this.has(Math.min(start + PIECE, this.length) - 0.1)) return start;
    }
    return undefined;
  }

  async #fetch(start) {
    const end = Math.min(start + PIECE, this.length);
    const response = await fetch(`${this.base}/sound?${new URLSearchParams({ from: start, to: end })}`, { headers: { Accept: "application/json" } });
    if (!response.ok) {
      const said = await response.json().catch(() => ({}));
      throw Object.assign(new Error(said.error ?? ""), { status: response.status });
    }
    const content = await response.arrayBuffer();
    if (this.over) return;
    if (this.from - BEHIND > 0) await this.#done(() => this.buffer.remove(0, this.from - BEHIND));
    this.buffer.timestampOffset = start;
    await this.#done(() => this.buffer.appendBuffer(content));
  }

  #done(act) {
    return new Promise((resolve, reject) => {
      this.buffer.addEventListener("updateend", resolve, { once: true });
      this.buffer.addEventListener("error", () => reject(new Error("")), { once: true });
      act();
    });
  }
}
