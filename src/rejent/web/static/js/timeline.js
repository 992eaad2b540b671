// The timeline: draws the day, an hour or a minute; pointer, wheel, pinch and three sliders move in it.
// The server has drawn the whole day before; from here on each drawing replaces that one.

import { Daytime, filled, lengthWords } from "./daytime.js";
import { NAMED, VOICE, lanesOf, outlines } from "./envelope.js";

const SVG = "http://www.w3.org/2000/svg";
/** Seconds visible at each step. */
export const STEPS = [86400, 21600, 3600, 600, 60];
const LABELS = [
  [3600, 900], [1800, 300], [300, 60], [60, 10], [5, 1],
];
const LANE = { y: 48, height: 40 };
/** Seconds that are visible of a call at least. */
const LEAST_OF_CALL = 10;
const RAIL = { y: 38, height: 6 };
const LEAST_GAP = 2;
/** Pixels that a hold takes at least, and half the mark upon it: two minutes are found in a day. */
const LEAST_HELD = 8;
const HELD_MARK = 5;
/** Pixels that a sign of the ruler's labels takes, and that stay free between two of them. */
const LABEL_DIGIT = 7;
const LABEL_ROOM = 14;
const LEAST_LABEL = 48;
/** Seconds between two labels; each is a multiple of the finer marks beside it. */
const RUNGS = [1, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200];
const SNAP = 0.05;

/** An SVG element. */
function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

export class Timeline extends EventTarget {
  /**
   * Events: `go` (detail: seconds) where a person chose a time; `scrub` while dragging; `range` when it changed.
   * @param {HTMLElement} root the element that holds svg, flag and thumbs
   * @param {object} index the day as the server tells it
   * @param {Record<string, string>} words
   */
  constructor(root, index, words) {
    super();
    this.root = root;
    this.index = index;
    this.words = words;
    this.day = new Daytime(index);
    this.lanes = lanesOf(index);
    this.lane = { y: LANE.y, height: Math.max(VOICE * this.lanes.length, LANE.height) };
    this.drawn = root.querySelector("#drawn");
    this.svg = root.querySelector("#axis");
    this.flag = root.querySelector("#flag");
    this.thumbs = { cursor: root.querySelector("#cursor"), from: root.querySelector("#thumb-from"), to: root.querySelector("#thumb-to") };
    this.first = 0;
    this.last = index.length;
    this.at = 0;
    this.range = { from: null, to: null };
    this.pointers = new Map();
    this.#listen();
    new ResizeObserver(() => this.draw()).observe(root);
  }

  /** Pixels the axis is wide. */
  get width() {
    return this.root.clientWidth || 1;
  }

  /** Where a second of the day is drawn. */
  x(seconds) {
    return ((seconds - this.first) / (this.last - this.first)) * this.width;
  }

  /** The second of the day at a place. */
  seconds(x) {
    const wanted = this.first + (x / this.width) * (this.last - this.first);
    return Math.min(Math.max(wanted, 0), this.day.length);
  }

  /** Move the cursor; keeps it in sight while it runs out of the picture. */
  move(seconds, follow = true) {
    this.at = Math.min(Math.max(seconds, 0), this.day.length);
    if (follow && (this.at < this.first || this.at > this.last)) {
      const span = this.last - this.first;
      this.show(this.at - span * 0.1, span);
      return;
    }
    this.#place();
  }

  /** Show `span` seconds from `first` on, within the day. */
  show(first, span) {
    const wide = Math.min(Math.max(span, this.lanes.length ? LEAST_OF_CALL : STEPS.at(-1)), this.day.length);
    this.first = Math.min(Math.max(first, 0), this.day.length - wide);
    this.last = this.first + wide;
    this.draw();
    this.dispatchEvent(new CustomEvent("view"));
  }

  /** Zoom to the next step in (+1) or out (−1) about a second that keeps its place. */
  step(direction, about = this.at) {
    const span = this.last - this.first;
    const steps = [this.day.length, ...STEPS.slice(1), ...(this.lanes.length ? [LEAST_OF_CALL] : [])].filter((one) => one <= this.day.length);
    const wanted = direction > 0 ? steps.find((one) => one < span - 1) : steps.findLast((one) => one > span + 1);
    if (wanted) this.zoom(wanted, about);
  }

  /** Show `span` seconds so that `about` keeps its place on the screen. */
  zoom(span, about) {
    const share = Math.min(Math.max((about - this.first) / (this.last - this.first), 0), 1);
    this.show(about - span * share, span);
  }

  /** Show the whole day. */
  whole() {
    this.show(0, this.day.length);
  }

  /** Move what is visible by a share of it. */
  pan(share) {
    const span = this.last - this.first;
    this.show(this.first + span * share, span);
  }

  /** Set one end of the range, or clear both with nulls. */
  mark(from, to) {
    this.range = { from, to };
    this.draw();
    this.dispatchEvent(new CustomEvent("range"));
  }

  /** The span of one of `kinds` that covers a second. */
  spanAt(seconds, ...kinds) {
    return this.index.spans.find((span) => kinds.includes(span.kind) && span.start <= seconds && seconds < span.end);
  }

  /** The next (+1) or previous (−1) edge: gap, hold, end of a recording. */
  edge(direction) {
    const edges = new Set();
    for (const span of this.index.spans) {
      if (span.kind !== "seen") edges.add(span.start).add(span.end);
    }
    if (this.range.from !== null) edges.add(this.range.from);
    if (this.range.to !== null) edges.add(this.range.to);
    const sorted = [...edges].sort((a, b) => a - b);
    return direction > 0 ? sorted.find((one) => one > this.at + 0.2) : sorted.findLast((one) => one < this.at - 0.2);
  }

  /** Draw everything anew. */
  draw() {
    const parts = [shape("rect", { class: "track", x: 0, width: this.width, ...this.lane })];
    for (const kind of ["destroyed", "recorded", "recovered"]) parts.push(...this.#bands(kind));
    parts.push(...outlines(this).map((d) => shape("path", { class: "voice", d })));
    for (const kind of ["fault", "planned"]) parts.push(...this.#gaps(kind));
    this.lanes.forEach(({ name }, number) => parts.push(shape("text", { class: "words", x: 8, y: this.lane.y + VOICE * number + NAMED - 2 }, name)));
    parts.push(...this.#rails(), ...this.#ruler(), ...this.#marks());
    this.drawn.replaceChildren(...parts);
    this.#place();
  }

  #inSight(kind) {
    return this.index.spans.filter((span) => span.kind === kind && span.end > this.first && span.start < this.last);
  }

  #box(span) {
    const left = Math.max(this.x(span.start), -4);
    const right = Math.min(this.x(span.end), this.width + 4);
    return { left, wide: Math.max(right - left, 0) };
  }

  #bands(kind) {
    return this.#inSight(kind).map((span) => {
      const { left, wide } = this.#box(span);
      return shape("rect", { class: `span-${kind}`, x: left, width: Math.max(wide, 1), ...this.lane });
    });
  }

  /** Where a span is drawn: over everything, or in the lane of its party. */
  #roomOf({ lane }) {
    return lane === null || lane === undefined ? this.lane : { y: this.lane.y + VOICE * lane, height: VOICE };
  }

  /** Gaps never vanish: at least two pixels; several within that become one mark with their count. */
  #gaps(kind) {
    const parts = [];
    let bundle = null;
    const close = () => {
      if (!bundle) return;
      const wide = Math.max(bundle.right - bundle.left, LEAST_GAP);
      parts.push(shape("rect", { class: `span-${kind}`, x: bundle.left, width: wide, ...this.#roomOf(bundle.span) }));
      const words = bundle.count > 1 ? filled(this.words.gaps, { count: bundle.count }) : bundle.span.label;
      if ((wide >= 120 && !this.lanes.length) || (bundle.count > 1 && wide >= 60)) {
        parts.push(shape("text", { class: "words", x: Math.max(bundle.left, 0) + 8, y: LANE.y + 25 }, words));
      }
      bundle = null;
    };
    for (const span of this.#inSight(kind)) {
      const { left, wide } = this.#box(span);
      if (bundle && bundle.span.lane === span.lane && left - bundle.right < LEAST_GAP && bundle.right - bundle.left < LEAST_GAP * 2) {
        bundle.right = Math.max(bundle.right, left + wide);
        bundle.count += 1;
        continue;
      }
      close();
      bundle = { left, right: left + wide, span, count: 1 };
    }
    close();
    return parts;
  }

  #rails() {
    const parts = [];
    for (const span of this.#inSight("held")) {
      const { left, wide } = this.#box(span);
      const middle = left + wide / 2;
      const least = Math.max(wide, LEAST_HELD);
      parts.push(shape("rect", { class: "span-held", x: middle - least / 2, width: least, ...RAIL }));
      parts.push(shape("circle", { class: "held-mark", cx: middle, cy: RAIL.y + RAIL.height / 2, r: HELD_MARK }));
      if (wide >= 160) parts.push(shape("text", { class: "words", x: Math.max(left, 0) + 8, y: this.lane.y + this.lane.height + 24 }, span.label));
    }
    for (const span of this.#inSight("notice")) {
      const { left, wide } = this.#box(span);
      parts.push(shape("rect", { class: "span-notice", x: left, width: Math.max(wide, 4), y: this.lane.y + this.lane.height + 6, height: 6 }));
    }
    for (const span of this.#inSight("seen")) {
      const { left, wide } = this.#box(span);
      parts.push(shape("rect", { class: "span-seen", x: left, width: Math.max(wide, 1), y: this.lane.y + this.lane.height + 1, height: 3 }));
    }
    return parts;
  }

  /** Seconds between two labels that do not meet, at least `least`. */
  #labelled(least) {
    const twice = this.index.hours.some((hour) => hour.length > 2) ? 1 : 0;
    const signs = (step) => (step >= 3600 ? 2 : step >= 60 ? 5 : 8) + twice;
    const apart = (step) => (step / (this.last - this.first)) * this.width;
    const room = (step) => Math.max(signs(step) * LABEL_DIGIT + LABEL_ROOM, LEAST_LABEL);
    return RUNGS.find((step) => step >= least && apart(step) >= room(step)) ?? RUNGS.at(-1);
  }

  #ruler() {
    const parts = [];
    const span = this.last - this.first;
    const level = Math.max(STEPS.findLastIndex((one) => one >= span * 0.95), 0);
    const [least, minor] = LABELS[level];
    const major = this.#labelled(least);
    const { offset } = this.day;
    for (let at = Math.ceil((this.first + offset) / minor) * minor - offset; at <= this.last; at += minor) {
      const named = (at + offset) % major === 0;
      const x = this.x(at);
      parts.push(shape("line", { class: named ? "tick" : "tick minor", x1: x, x2: x, y1: named ? 24 : 29, y2: 34 }));
      if (!named || at >= this.day.length) continue;
      const label = major >= 3600 ? this.index.hours[Math.floor((at + offset) / 3600)] : major >= 60 ? this.day.short(at) : this.day.label(at);
      if (x + 4 + label.length * LABEL_DIGIT > this.width) continue;
      parts.push(shape("text", { class: "label", x: x + 4, y: 20 }, label));
    }
    if (this.index.change !== null) {
      const x = this.x(this.index.change);
      parts.push(shape("line", { class: "change", x1: x, x2: x, y1: 4, y2: this.lane.y + this.lane.height }));
      parts.push(shape("text", { class: "words", x: x + 6, y: this.lane.y + this.lane.height + 24 }, this.words.clockChange));
    }
    return parts;
  }

  #marks() {
    const parts = [];
    const { from, to } = this.range;
    if (from !== null && to !== null) {
      parts.push(shape("rect", { class: "span-range", x: this.x(from), width: Math.max(this.x(to) - this.x(from), 2), y: LANE.y - 12, height: this.lane.height + 18 }));
    }
    if (this.index.until < this.day.length && this.index.until > this.first) {
      const x = this.x(this.index.until);
      parts.push(shape("line", { class: "now", x1: x, x2: x, y1: 26, y2: this.lane.y + this.lane.height }));
      parts.push(shape("text", { class: "label", x: x + 4, y: LANE.y + 25 }, this.words.now));
    }
    return parts;
  }

  /** Thumbs and what they tell a screen reader. */
  #place() {
    this.#thumb(this.thumbs.cursor, this.at, this.#state(this.at));
    this.#thumb(this.thumbs.from, this.range.from, this.words.recording);
    this.#thumb(this.thumbs.to, this.range.to, this.words.recording);
  }

  #thumb(thumb, seconds, state) {
    const away = seconds === null || seconds < this.first - 1e-6 || seconds > this.last + 1e-6;
    thumb.hidden = seconds === null;
    thumb.classList.toggle("is-away", away);
    if (seconds === null) return;
    thumb.style.left = `${Math.min(Math.max(this.x(seconds), 0), this.width)}px`;
    thumb.setAttribute("aria-valuenow", String(Math.round(seconds)));
    thumb.setAttribute("aria-valuetext", `${this.day.label(seconds)}, ${state}`);
  }

  #state(seconds) {
    const span = this.spanAt(seconds, "fault", "planned", "destroyed", "recorded", "recovered");
    return span ? span.label : this.words.nothing;
  }

  #listen() {
    this.root.addEventListener("pointermove", (event) => this.#hover(event));
    this.root.addEventListener("pointerleave", () => { this.flag.hidden = true; });
    this.root.addEventListener("pointerdown", (event) => this.#down(event));
    this.root.addEventListener("pointerup", (event) => this.#up(event));
    this.root.addEventListener("pointercancel", (event) => { this.pointers.delete(event.pointerId); this.dragged = null; });
    this.root.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.root.addEventListener("dblclick", (event) => this.step(1, this.seconds(this.#local(event))));
    for (const [name, thumb] of Object.entries(this.thumbs)) {
      thumb.addEventListener("keydown", (event) => this.#thumbKey(name, event));
    }
  }

  #local(event) {
    return event.clientX - this.root.getBoundingClientRect().left;
  }

  #hover(event) {
    const x = this.#local(event);
    const seconds = this.seconds(x);
    if (this.pointers.has(event.pointerId)) this.#drag(event, x);
    const spans = [this.spanAt(seconds, "fault", "planned", "destroyed"), this.spanAt(seconds, "notice"), this.#heldNear(x)].filter(Boolean);
    this.flag.textContent = [this.day.label(seconds), ...spans.map((span) => span.label)].join(" · ");
    this.flag.hidden = event.pointerType === "touch" && !this.dragged;
    const half = this.flag.offsetWidth / 2;
    this.flag.style.left = `${Math.min(Math.max(x, half), this.width - half)}px`;
  }

  /** The hold under the pointer; one drawn wider than it lasts is found at its whole mark. */
  #heldNear(x) {
    return this.#inSight("held").find((span) => {
      const { left, wide } = this.#box(span);
      return Math.abs(x - left - wide / 2) <= Math.max(wide, 2 * HELD_MARK) / 2;
    });
  }

  #down(event) {
    if (event.button !== 0) return;
    const x = this.#local(event);
    this.pointers.set(event.pointerId, { x, begun: x, first: this.first });
    if (this.pointers.size === 2) {
      this.dragged = null;
      this.pinch = { span: this.last - this.first, apart: this.#apart() };
      return;
    }
    const y = event.clientY - this.root.getBoundingClientRect().top;
    const thumb = Object.entries(this.thumbs).find(([, element]) => element === event.target)?.[0];
    this.dragged = thumb ?? (event.pointerType === "touch" || y < 34 ? "pan" : "cursor");
    this.root.setPointerCapture(event.pointerId);
  }

  #apart() {
    const [one, other] = [...this.pointers.values()];
    return Math.max(Math.abs(one.x - other.x), 1);
  }

  #drag(event, x) {
    const pointer = this.pointers.get(event.pointerId);
    pointer.x = x;
    if (this.pinch && this.pointers.size === 2) {
      const [one, other] = [...this.pointers.values()];
      this.zoom(this.pinch.span * (this.pinch.apart / this.#apart()), this.seconds((one.x + other.x) / 2));
      return;
    }
    if (Math.abs(x - pointer.begun) < 4 && !pointer.moved) return;
    pointer.moved = true;
    if (this.dragged === "pan") {
      const span = this.last - this.first;
      this.show(pointer.first - ((x - pointer.begun) / this.width) * span, span);
    } else if (this.dragged === "cursor") {
      this.move(this.seconds(x), false);
      this.dispatchEvent(new CustomEvent("scrub", { detail: this.at }));
    } else {
      this.#moveEnd(this.dragged, this.seconds(x));
    }
  }

  #up(event) {
    const pointer = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (this.pointers.size < 2) this.pinch = null;
    if (!pointer || this.pointers.size) return;
    const grabbed = this.dragged;
    this.dragged = null;
    if (grabbed === "cursor" || (grabbed === "pan" && !pointer.moved)) {
      this.dispatchEvent(new CustomEvent("go", { detail: this.seconds(pointer.x) }));
    }
  }

  #wheel(event) {
    const focused = this.root.contains(document.activeElement);
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways) {
      event.preventDefault();
      this.pan((event.deltaX || event.deltaY) / this.width);
      return;
    }
    if (!event.ctrlKey && !focused) return;
    event.preventDefault();
    const wanted = (this.last - this.first) * 1.25 ** Math.sign(event.deltaY);
    const near = [this.day.length, ...STEPS.slice(1)].find((one) => Math.abs(one - wanted) / one < SNAP);
    this.zoom(near ?? wanted, this.seconds(this.#local(event)));
  }

  #moveEnd(name, seconds) {
    const { from, to } = this.range;
    if (name === "from") this.mark(Math.min(seconds, to ?? this.day.length), to);
    else this.mark(from, Math.max(seconds, from ?? 0));
  }

  #thumbKey(name, event) {
    if (event.altKey || event.ctrlKey || event.metaKey || name === "cursor") return;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -60, PageUp: 60 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#moveEnd(name, Math.min(Math.max(this.range[name] + by * (event.shiftKey ? 10 : 1), 0), this.day.length));
  }

  /** The marked range in words. */
  rangeWords() {
    const { from, to } = this.range;
    if (from === null && to === null) return "";
    if (from === null || to === null) return filled(this.words.from, { time: this.day.label(from ?? to) });
    return filled(this.words.range, { from: this.day.label(from), to: this.day.label(to), length: lengthWords(to - from) });
  }
}
