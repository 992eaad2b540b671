// One live picture: a buffer of three seconds, played near its end, and what its strip says.

import { filled } from "../js/daytime.js";
import { Watermark } from "./watermark.js";

const KEEP_S = 3;
const BEHIND_S = 0.15;
const MOST_BEHIND_S = 1;
const SLACK_S = 0.1;
const JUMP_S = 2;
const ANEW_S = 5;
const OLD_MS = 2000;
const GONE_MS = 10000;
const SAME_MS = 30000;
const SPRITE = document.querySelector("use")?.getAttribute("href")?.split("#")[0] ?? "";
const ICONS = { recording: "player-record", old: "alert-triangle", same: "alert-triangle", none: "octagon-minus", "not-recording": "octagon-minus" };

export class Tile {
  /** @param {HTMLElement} element @param {Record<string, string>} words */
  constructor(element, words) {
    this.element = element;
    this.words = words;
    this.video = element.querySelector("video");
    this.watermark = new Watermark(element.querySelector(".picture"), this.video);
    /** Seconds to stay behind the newest picture; more after each time the pictures ran out. */
    this.behind = BEHIND_S;
    this.video.addEventListener("waiting", () => {
      if (this.shown !== null) this.behind = Math.min(this.behind * 1.5, MOST_BEHIND_S);
    });
    this.name = element.querySelector(".tile-name").textContent;
    this.told = { state: "connecting", cause: "", since: "", captured: null };
    this.shown = null;
    this.state = "starting";
    this.news = "";
    this.clock = new Intl.DateTimeFormat("pl-PL", { timeZone: "Europe/Warsaw", hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.#follow();
  }

  /** Whether somebody must look at it. */
  get wrong() {
    return this.state === "none" || this.state === "not-recording" || this.state === "old";
  }

  /** Begin with an initialisation; false where the browser does not play its coding. */
  begin(init) {
    this.end();
    const codec = codecOf(init);
    const type = `video/mp4; codecs="${codec}"`;
    if (!MediaSource.isTypeSupported(type)) return false;
    const source = new MediaSource();
    this.queue = [init.slice()];
    source.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(this.video.src);
      if (this.source !== source) return;
      this.buffer = source.addSourceBuffer(type);
      this.buffer.addEventListener("updateend", () => this.#next());
      this.#next();
    }, { once: true });
    this.source = source;
    this.video.src = URL.createObjectURL(source);
    return true;
  }

  /** A fragment, and when its newest picture was captured. */
  feed(bytes, key, captured) {
    if (!this.source) return;
    this.captured = captured;
    this.queue.push(bytes.slice());
    if (key) this.#compare(bytes, captured);
    this.#next();
  }

  /** What the program says of the source. */
  tell(told) {
    this.told = told;
  }

  /** Let go of everything; a player left behind would count against the browser's limit. */
  end() {
    this.source = null;
    this.buffer = null;
    this.queue = [];
    this.shown = null;
    this.edge = null;
    this.captured = null;
    if (this.video.src) {
      this.video.removeAttribute("src");
      this.video.load();
    }
  }

  /** Decide how old the picture is and say so. */
  look(now, paused) {
    this.#keepUp();
    if (paused) return;
    const captured = this.shown;
    const age = captured === null ? Infinity : Math.max(now - captured, 0);
    let state = "recording";
    if (captured === null && this.told.state !== "stopped" && this.state === "starting") state = this.told.cause ? "none" : "starting";
    else if (age > GONE_MS) state = "none";
    else if (this.told.state !== "recording") state = "not-recording";
    else if (age > OLD_MS) state = "old";
    else if (this.sameSince && now - this.sameSince > SAME_MS) state = "same";
    this.#strip(state, age, captured);
  }

  /** Put the watermark's text at another place. */
  mark(text, place) {
    this.watermark.say(text, place);
  }

  #strip(state, age, captured) {
    const time = this.told.since || (captured === null ? "" : this.clock.format(captured));
    const said = {
      starting: this.words.waiting,
      recording: this.words.recording,
      same: this.words.same,
      old: filled(this.words.old, { age: Math.round(age / 1000) }),
      none: time ? filled(this.words.none, { time }) : this.words.waiting,
      "not-recording": filled(this.words.notRecording, { time: this.told.since }),
    }[state];
    const place = this.element.querySelector(".tile-state");
    if (place.dataset.said !== said) {
      place.dataset.said = said;
      place.replaceChildren(...icon(ICONS[state]), said);
    }
    this.element.querySelector(".tile-clock").textContent = captured === null || state === "none" ? "" : this.clock.format(captured);
    this.element.querySelector(".curtain-words").textContent = this.told.cause ? `${said} · ${this.told.cause}` : said;
    if (state !== this.state) {
      if (this.wrong !== (state === "none" || state === "not-recording" || state === "old") && state !== "old") this.news = `${this.name}: ${said}`;
      this.state = state;
      this.element.dataset.state = state;
    }
  }

  /** Each picture that is presented tells its own time; a frozen one stops telling. */
  #follow() {
    const shown = (_now, frame) => {
      if (this.edge) {
        const captured = this.edge.captured - (this.edge.until - frame.mediaTime) * 1000;
        if (frame.mediaTime !== this.media) this.shown = captured;
        this.media = frame.mediaTime;
      }
      this.video.requestVideoFrameCallback(shown);
    };
    this.video.requestVideoFrameCallback(shown);
  }

  #next() {
    const buffer = this.buffer;
    if (!buffer || buffer.updating) return;
    const ranges = this.video.buffered;
    if (this.taken && ranges.length) this.edge = { until: ranges.end(ranges.length - 1), captured: this.taken };
    this.taken = null;
    const at = this.video.currentTime;
    if (ranges.length && ranges.start(0) < at - KEEP_S - 2) {
      buffer.remove(ranges.start(0), at - KEEP_S);
      return;
    }
    if (!this.queue.length) return;
    const length = this.queue.reduce((sum, part) => sum + part.length, 0);
    const joined = new Uint8Array(length);
    let offset = 0;
    for (const part of this.queue) {
      joined.set(part, offset);
      offset += part.length;
    }
    this.queue = [];
    this.taken = this.captured ?? null;
    try {
      buffer.appendBuffer(joined);
    } catch {
      this.end();
    }
  }

  /** Play near the newest picture: a little faster when behind, a jump when far behind. */
  #keepUp() {
    const { video } = this;
    const ranges = video.buffered;
    if (!this.source || !ranges.length) return;
    const until = ranges.end(ranges.length - 1);
    const behind = until - video.currentTime;
    if (behind > JUMP_S || behind < 0 || video.currentTime < ranges.start(ranges.length - 1)) {
      video.currentTime = Math.max(until - this.behind, ranges.start(ranges.length - 1));
    }
    video.playbackRate = behind > this.behind + SLACK_S ? 1.05 : 1;
    if (video.paused) video.play().catch(() => undefined);
    if (behind > ANEW_S * 4) this.end();
  }

  /** A camera that sends the same key picture over and over shows nothing new. */
  #compare(bytes, captured) {
    let sum = 2166136261;
    for (let place = Math.max(bytes.length - 4096, 0); place < bytes.length; place += 1) sum = Math.imul(sum ^ bytes[place], 16777619);
    const print = `${bytes.length}/${sum}`;
    if (print !== this.print) this.sameSince = captured;
    this.print = print;
  }
}

/** An icon of the sprite. */
function icon(name) {
  if (!name || !SPRITE) return [];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return [svg];
}

/** The codec of an initialisation as `MediaSource` is asked for it (RFC 6381). @param {Uint8Array} init */
export function codecOf(init) {
  const avc = find(init, "avcC");
  if (avc > 0) return `avc1.${[1, 2, 3].map((place) => init[avc + 4 + place].toString(16).padStart(2, "0")).join("")}`;
  const hvc = find(init, "hvcC");
  if (hvc > 0) {
    const at = hvc + 4;
    const view = new DataView(init.buffer, init.byteOffset);
    let compatible = view.getUint32(at + 2);
    let turned = 0;
    for (let bit = 0; bit < 32; bit += 1) {
      turned = (turned << 1) | (compatible & 1);
      compatible >>>= 1;
    }
    const space = ["", "A", "B", "C"][init[at + 1] >> 6];
    const tier = init[at + 1] & 0x20 ? "H" : "L";
    const constraints = [...init.slice(at + 6, at + 12)].map((byte) => byte.toString(16).toUpperCase());
    while (constraints.length > 1 && constraints.at(-1) === "0") constraints.pop();
    return `hvc1.${space}${init[at + 1] & 0x1f}.${(turned >>> 0).toString(16).toUpperCase()}.${tier}${init[at + 12]}.${constraints.join(".")}`;
  }
  if (find(init, "esds") > 0) return "mp4v.6C";
  return "avc1.640028";
}

/** Where a box of this name begins, or −1. */
function find(bytes, name) {
  const codes = [...name].map((sign) => sign.charCodeAt(0));
  for (let place = 4; place < bytes.length - 16; place += 1) {
    if (codes.every((code, number) => bytes[place + number] === code)) return place;
  }
  return -1;
}
