// Feeds a video element from the sealed store: asks for pieces of a few seconds around the cursor, newest wish first.
// Media time is seconds elapsed since local midnight, so a picture's time is its place on the axis.

const PIECE = 8;
const KEEP_BEHIND = 60;
const EDGE = 0.06;
/** Seconds without a picture that are no gap yet; as in the timeline of the server. */
const JOINED = 1;

export class FeedError extends Error {
  /** @param {string} message @param {number} status HTTP status, 0 where nothing answered */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export class Feed extends EventTarget {
  /**
   * Events: `failed` (detail: FeedError).
   * @param {HTMLVideoElement} video
   * @param {string} base address of the viewing
   * @param {{length: number, segments: {id: string, start: number, end: number, codec: string, rate: number}[]}} index
   */
  constructor(video, base, index) {
    super();
    this.video = video;
    this.base = base;
    this.segments = index.segments;
    this.length = index.length;
    /** Seconds of key pictures that are known, sorted. */
    this.keys = [];
    this.buffer = null;
    this.codec = "";
    this.running = false;
    this.wanted = null;
    this.opened = new Promise((resolve) => {
      const source = new MediaSource();
      source.addEventListener("sourceopen", () => {
        URL.revokeObjectURL(video.src);
        source.duration = index.length;
        resolve(source);
      }, { once: true });
      video.src = URL.createObjectURL(source);
    });
  }

  /** The segment that covers a second of the day. */
  segmentAt(seconds) {
    let low = 0;
    let high = this.segments.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const one = this.segments[middle];
      if (seconds < one.start) high = middle - 1;
      else if (seconds >= one.end) low = middle + 1;
      else return one;
    }
    return null;
  }

  /** The first segment that begins after a second, or the last that ends before it. */
  neighbour(seconds, direction) {
    if (direction > 0) return this.segments.find((one) => one.start > seconds) ?? null;
    return this.segments.findLast((one) => one.end <= seconds) ?? null;
  }

  /** A second in the moments between two pictures that follow each other belongs to the later one; a gap stays a gap. */
  bridged(seconds) {
    if (this.segmentAt(seconds)) return seconds;
    const before = this.neighbour(seconds, -1);
    const after = this.neighbour(seconds, 1);
    return before && after && after.start - before.end < JOINED ? after.start : seconds;
  }

  /** Where the buffered range around a second ends; the second itself where nothing is buffered. */
  bufferedUntil(seconds) {
    const ranges = this.video.buffered;
    for (let number = 0; number < ranges.length; number += 1) {
      if (ranges.start(number) <= seconds + EDGE && seconds < ranges.end(number)) return ranges.end(number);
    }
    return seconds;
  }

  /** Ask that `ahead` seconds from a second on be there; a newer wish replaces an older one. */
  want(seconds, ahead) {
    const far = this.wanted && Math.abs(this.wanted.seconds - seconds) > PIECE * 2;
    this.wanted = { seconds, ahead };
    if (far) this.abort?.abort();
    if (!this.running) this.#run();
  }

  /** Show nothing any more, and let go of every picture that is there. */
  close() {
    this.rest();
    this.segments = [];
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** Forget what is asked for. */
  rest() {
    this.wanted = null;
    this.abort?.abort();
  }

  async #run() {
    this.running = true;
    try {
      for (let piece = this.#next(); piece; piece = this.#next()) {
        await this.#take(piece);
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        this.wanted = null;
        this.dispatchEvent(new CustomEvent("failed", { detail: error }));
      }
    } finally {
      this.running = false;
      if (this.wanted && this.#next()) setTimeout(() => { if (!this.running) this.#run(); });
    }
  }

  /** The next piece that is missing, or null where the wish is fulfilled. */
  #next() {
    if (!this.wanted) return null;
    const { seconds, ahead } = this.wanted;
    let from = this.bufferedUntil(seconds);
    for (let hops = 0; hops < 40 && from - seconds < ahead; hops += 1) {
      const segment = this.segmentAt(from) ?? this.segmentAt(from + 2 * EDGE);
      if (!segment) return null;
      if (segment.end - from <= EDGE) {
        from = this.bufferedUntil(segment.end + EDGE);
        continue;
      }
      return { segment, from: Math.max(from, segment.start), to: Math.min(from + PIECE, segment.end) };
    }
    return null;
  }

  async #take({ segment, from, to }) {
    const source = await this.opened;
    this.abort = new AbortController();
    const codec = MediaSource.isTypeSupported(`video/mp4; codecs="${segment.codec}"`) ? "" : "&codec=h264";
    let response;
    try {
      response = await fetch(`${this.base}/media/${segment.id}?from=${from.toFixed(3)}&to=${to.toFixed(3)}${codec}`, {
        signal: this.abort.signal, headers: { Accept: "video/mp4, application/json" },
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new FeedError("", 0);
    }
    if (!response.ok) throw new FeedError(await reason(response), response.status);
    const bytes = await response.arrayBuffer();
    this.#learn(JSON.parse(response.headers.get("X-Key-Pictures") ?? "[]"));
    await this.#append(source, response.headers.get("X-Codec") ?? segment.codec, bytes);
    const before = this.bufferedUntil(from + EDGE);
    if (before <= from + EDGE) throw new FeedError("", 0);
  }

  async #append(source, codec, bytes) {
    const type = `video/mp4; codecs="${codec}"`;
    if (!this.buffer) {
      this.buffer = source.addSourceBuffer(type);
      this.codec = codec;
    } else if (this.codec !== codec) {
      this.buffer.changeType(type);
      this.codec = codec;
    }
    await this.#trim();
    try {
      await this.#done(() => this.buffer.appendBuffer(bytes));
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      await this.#done(() => this.buffer.remove(0, Math.max(this.video.currentTime - 10, 0.1)));
      await this.#done(() => this.buffer.appendBuffer(bytes));
    }
  }

  /** Let go of what lies far from the cursor. */
  async #trim() {
    const at = this.video.currentTime;
    for (let number = this.video.buffered.length - 1; number >= 0; number -= 1) {
      const start = this.video.buffered.start(number);
      const end = this.video.buffered.end(number);
      if (end < at - KEEP_BEHIND) await this.#done(() => this.buffer.remove(start, end));
      else if (start > at + 4 * KEEP_BEHIND) await this.#done(() => this.buffer.remove(start, end));
      else if (start < at - KEEP_BEHIND) await this.#done(() => this.buffer.remove(start, at - KEEP_BEHIND));
    }
  }

  #done(start) {
    return new Promise((resolve, reject) => {
      const finish = (event) => {
        this.buffer.removeEventListener("updateend", finish);
        this.buffer.removeEventListener("error", finish);
        if (event.type === "error") reject(new FeedError("", 0));
        else resolve();
      };
      this.buffer.addEventListener("updateend", finish);
      this.buffer.addEventListener("error", finish);
      try {
        start();
      } catch (error) {
        this.buffer.removeEventListener("updateend", finish);
        this.buffer.removeEventListener("error", finish);
        reject(error);
      }
    });
  }

  #learn(keys) {
    if (!keys.length) return;
    this.keys = [...new Set([...this.keys, ...keys])].sort((a, b) => a - b);
  }
}

/** The sentence of a refusal. @param {Response} response */
async function reason(response) {
  try {
    return (await response.json()).error ?? "";
  } catch {
    return "";
  }
}
