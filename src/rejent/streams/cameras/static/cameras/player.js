// The player: picture, clock, controls, keys, speed, frame steps, marks. Timeline and feed are parts of it.

import { Beside } from "../js/beside.js";
import { decimal, filled, lengthWords } from "../js/daytime.js";
import { Feed } from "./feed.js";
import { GoTo } from "../js/goto.js";
import { actOf } from "../js/player_keys.js";
import { Presented } from "../js/presented.js";
import { Right } from "../js/right.js";
import { Scrub } from "./scrub.js";
import { STEPS, Timeline } from "../js/timeline.js";
import { Voice } from "../js/voice.js";
import { Watermark } from "./watermark.js";

const LADDER = [-8, -4, -2, -1, 0, 1, 2, 4, 8];
const AHEAD = 12;
const REVERSE_MS = 250;
const WATERMARK_MS = 20000;

class Player {
  /** @param {HTMLElement} root @param {object} index @param {Record<string, string>} words */
  constructor(root, index, words) {
    this.root = root;
    this.index = index;
    this.words = words;
    this.video = this.#part("video");
    this.stage = this.#part("stage");
    this.feed = new Feed(this.video, root.dataset.base, index);
    this.timeline = new Timeline(this.#part("axis-room"), index, words);
    this.day = this.timeline.day;
    this.presented = new Presented(root.dataset.base, index.start);
    this.scrub = new Scrub(this.#part("still"), root.dataset.base, () => Boolean(this.timeline.dragged), (seconds) => this.presented.picture(seconds));
    this.at = 0;
    this.rate = 0;
    /** The speed to go on with after a stop: the last one chosen forwards. */
    this.chosen = 1;
    this.voice = new Voice(this.#part("polite"), this.#part("assertive"));
    this.goTo = new GoTo(this.#part("go"), this.day, words, (seconds) => { this.go(seconds); this.#part("picture").focus(); });
    this.beside = new Beside(this.#part("beside"), this.#part("course-room"), words.unanswered);
    this.#listen();
    this.#watermark();
    const view = new URLSearchParams(location.search || sessionStorage.getItem(root.dataset.base) || "");
    const at = Number(view.get("t") ?? root.dataset.at) || 0;
    if (view.has("z")) this.timeline.show(at - Number(view.get("z")) / 2, Number(view.get("z")));
    else this.timeline.zoom(STEPS[1], at);
    this.go(at);
    if (document.activeElement === document.body) this.#part("picture").focus({ preventScroll: true });
  }

  #part(id) {
    return document.getElementById(id);
  }

  /** Whether pictures run, forwards or backwards. */
  get playing() {
    return this.rate !== 0;
  }

  /** Go to a second of the day; in a gap the cursor stays there and says what is next. */
  go(seconds) {
    if (this.over) return;
    this.at = this.feed.bridged(Math.min(Math.max(seconds, 0), this.index.length));
    this.timeline.move(this.at);
    this.scrub.rest();
    const segment = this.feed.segmentAt(this.at);
    this.#show(segment ? null : this.#hole());
    if (segment) {
      this.video.currentTime = this.at;
      this.#loading(true);
      this.feed.want(this.at, this.rate > 0 ? AHEAD * Math.max(this.rate, 1) : 2);
    } else if (this.playing) {
      this.#run(0);
    }
    this.#tell();
    if (!this.playing) this.voice.say(this.#spoken());
    this.#remember();
  }

  /** Run at a rate of the ladder; 0 stands still. Where nothing was recorded nothing runs: the curtain says why. */
  #run(rate) {
    if (this.over && rate !== 0) return;
    if (rate !== 0 && !this.feed.segmentAt(this.at)) {
      this.#blocked(rate);
      return;
    }
    const was = this.rate;
    this.rate = rate;
    if (rate > 0) this.chosen = rate;
    clearInterval(this.reverse);
    this.root.classList.toggle("is-playing", rate !== 0);
    this.#part("play-words").textContent = rate ? this.words.pause : this.words.play;
    this.#part("speed").value = String(rate || this.chosen);
    if (rate > 0) {
      this.video.playbackRate = rate;
      this.feed.want(this.at, AHEAD * Math.max(rate, 1));
      this.video.play().catch(() => this.#run(0));
    } else {
      this.video.pause();
      if (rate < 0) this.reverse = setInterval(() => this.#backwards(), REVERSE_MS);
      else {
        this.timeline.move(this.at);
        this.#remember();
      }
    }
    if (rate === was) return;
    if (rate < 0) this.voice.say(filled(this.words.backwards, { speed: decimal(-rate, 0) }));
    else if (rate === 1 && was !== 0) this.voice.say(this.words.usual);
    else if (rate > 0 && rate !== 1) this.voice.say(filled(this.words.speed, { speed: decimal(rate, rate % 1 ? 1 : 0) }));
    else if (rate === 0) this.voice.say(this.day.label(this.at, 3));
    this.#tell();
  }

  /** Somebody wants pictures to run where there are none. */
  #blocked(rate) {
    if (this.playing) this.#run(0);
    if (rate > 0) this.chosen = rate;
    this.#part("speed").value = String(this.chosen);
    const hole = this.#hole();
    this.#show(hole);
    this.voice.say([hole.text, hole.button].filter(Boolean).join(". "));
  }

  /** Play at the speed chosen before, or stop. */
  toggle() {
    this.#run(this.playing ? 0 : this.chosen);
  }

  /** A speed was chosen from the list: while it stands, one forwards waits for play. */
  #speed(rate) {
    if (this.playing || rate < 0) this.#run(rate);
    else this.chosen = rate;
  }

  /** One rung up or down the ladder of speeds; from a stand at usual speed. */
  rung(direction) {
    const from = this.rate === 0.5 || this.rate === -0.5 ? Math.sign(this.rate) : this.rate;
    const number = LADDER.indexOf(from) + direction;
    this.#run(LADDER[Math.min(Math.max(number, 0), LADDER.length - 1)]);
  }

  /** One picture on or back; exact, by the time of the picture that is shown. */
  async frame(direction) {
    if (this.playing) this.#run(0);
    const rate = this.feed.segmentAt(this.at)?.rate || 25;
    const shown = this.feed.segmentAt(this.at) ? this.shown ?? this.at : this.at;
    const target = direction > 0 ? shown + 1.5 / rate : shown - 0.5 / rate;
    const segment = this.feed.segmentAt(target);
    if (!segment) {
      this.go(target);
      return;
    }
    if (this.feed.bufferedUntil(target) <= target) this.feed.want(Math.max(target - 4, segment.start), 6);
    this.video.currentTime = Math.max(target, 0);
    this.at = target;
  }

  /** Backwards there is no playing: it goes from key picture to key picture. */
  #backwards() {
    if (this.video.seeking) return;
    const wanted = this.at + this.rate * (REVERSE_MS / 1000);
    const key = this.feed.keys.findLast((one) => one <= wanted);
    const target = key !== undefined && wanted - key < 3 ? Math.max(key, wanted - 3) : wanted;
    if (target <= 0 || !this.feed.segmentAt(target)) {
      this.#run(0);
      this.go(Math.max(target, 0));
      return;
    }
    if (this.feed.bufferedUntil(target) <= target) this.feed.want(Math.max(target - 6, 0), 8);
    this.at = wanted;
    this.video.currentTime = target + 0.001;
    this.timeline.move(this.at);
    this.#tell();
  }

  /** What the curtain says where there is no picture. */
  #hole() {
    const span = this.timeline.spanAt(this.at, "fault", "planned", "destroyed");
    const text = span ? span.words : this.at > this.index.until ? this.words.notYet : this.words.nothing;
    const after = this.feed.neighbour(this.at, 1);
    const before = this.feed.neighbour(this.at, -1);
    if (after) return { text, button: filled(this.words.next, { time: this.day.label(after.start) }), go: after.start + 0.05 };
    if (before) return { text, button: filled(this.words.previous, { time: this.day.label(before.end - 5) }), go: Math.max(before.end - 5, before.start) };
    return { text };
  }

  /** Draw the curtain over the picture, or take it away. */
  #show(hole) {
    const curtain = this.#part("curtain");
    const button = this.#part("curtain-button");
    curtain.hidden = !hole;
    if (!hole) return;
    this.#loading(false);
    this.#part("curtain-words").textContent = hole.text;
    button.hidden = !hole.button;
    button.textContent = hole.button ?? "";
    button.onclick = () => {
      if (hole.act) hole.act();
      else this.go(hole.go);
      this.#part("picture").focus();
    };
  }

  #loading(on) {
    clearTimeout(this.slow);
    if (!on) this.stage.classList.remove("is-loading");
    else this.slow = setTimeout(() => this.stage.classList.add("is-loading"), 150);
  }

  /** Clock, camera clock, state. */
  #tell() {
    const segment = this.feed.segmentAt(this.at);
    this.#part("clock").textContent = this.day.label(this.at, this.playing ? 0 : 3);
    const offset = segment?.offset;
    this.#part("camera-clock").textContent =
      offset === null || offset === undefined
        ? ""
        : filled(this.words.camera, { time: this.day.label(Math.min(Math.max(this.at + offset, 0), this.index.length - 1)), offset: this.#offset(offset) });
    const held = this.timeline.spanAt(this.at, "held");
    this.#part("strip-state").textContent = held ? held.label : "";
    for (const row of this.rows ?? []) row.element.classList.toggle("is-here", row.start <= this.at && this.at < row.end);
  }

  #offset(seconds) {
    const size = Math.abs(seconds);
    return `${seconds < 0 ? "−" : "+"}${size < 60 ? `${decimal(size, 1)}\u00a0s` : lengthWords(size)}`;
  }

  #spoken() {
    const span = this.timeline.spanAt(this.at, "fault", "planned", "destroyed", "recorded", "recovered");
    return span && span.kind !== "recorded" ? span.words : `${this.day.label(this.at)}, ${span ? this.words.recording : this.words.nothing}`;
  }

  /** Position and zoom live in the address, so that a link opens the same second; whoever comes back without one finds them, too. */
  #remember() {
    clearTimeout(this.remembering);
    this.remembering = setTimeout(() => history.replaceState(null, "", this.#place), 400);
  }

  get #place() {
    return `?t=${this.at.toFixed(1)}&z=${Math.round(this.timeline.last - this.timeline.first)}`;
  }

  #watermark() {
    const mark = new Watermark(this.#part("picture"), this.video);
    let place = 0;
    const move = () => {
      mark.say(this.root.dataset.watermark, place);
      place += 1;
    };
    move();
    setInterval(move, WATERMARK_MS);
  }

  /** The cursor is dragged: small pictures, and in a gap its words. */
  #scrub(seconds) {
    if (this.over) return;
    if (this.playing) this.#run(0);
    this.at = seconds;
    this.#tell();
    const there = this.feed.segmentAt(this.feed.bridged(seconds));
    this.#show(there ? null : this.#hole());
    if (there) this.scrub.show(seconds);
    else this.scrub.rest();
  }

  #failed(error) {
    this.#run(0);
    this.#loading(false);
    const refused = error.status === 403 || error.status === 404;
    const text = refused && error.message ? filled(this.words.stopped, { reason: error.message }) : filled(this.words.failed, { time: this.day.label(this.at) });
    if (error.status === 403) this.voice.interrupt(text);
    this.#show({ text, button: error.status === 403 ? undefined : this.words.again, act: () => this.go(this.at) });
  }

  /** The right to the viewing has ended: every picture goes, buffered ones too. */
  #ended(reason) {
    this.over = true;
    this.#run(0);
    this.feed.close();
    this.scrub.rest();
    this.#part("still").removeAttribute("src");
    this.root.dataset.ended = "";
    const text = filled(this.words.stopped, { reason: reason || this.words.over });
    this.voice.interrupt(text);
    this.#show({ text });
  }

  #listen() {
    const { video, timeline } = this;
    this.feed.addEventListener("failed", (event) => this.#failed(event.detail));
    new Right(this.root.dataset.base).addEventListener("ended", (event) => this.#ended(event.detail));
    timeline.addEventListener("go", (event) => this.go(event.detail));
    timeline.addEventListener("scrub", (event) => this.#scrub(event.detail));
    timeline.addEventListener("range", () => this.#range());
    timeline.addEventListener("view", () => this.#view());
    video.addEventListener("seeked", () => this.#loading(false));
    video.addEventListener("playing", () => this.#loading(false));
    video.addEventListener("waiting", () => { this.#loading(true); this.#hop(); this.#end(); });
    video.addEventListener("timeupdate", () => this.#end());
    this.#follow();
    this.beside.addEventListener("done", () => this.#redraw());
    addEventListener("pagehide", () => sessionStorage.setItem(this.root.dataset.base, this.#place));
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.#part("picture").addEventListener("click", (event) => { if (!event.target.closest("button")) this.toggle(); });
    this.#part("picture").addEventListener("contextmenu", (event) => event.preventDefault());
    this.#part("speed").addEventListener("change", (event) => this.#speed(Number(event.target.value)));
    this.rows = [...this.#part("course").querySelectorAll("[data-go]")].map((button) => {
      const start = Number(button.dataset.go);
      const span = this.index.spans.find((one) => Math.abs(one.start - start) < 0.01 && one.kind !== "held" && one.kind !== "seen");
      return { element: button.closest("tr"), start, end: span ? span.end : start };
    });
  }

  /** Follow the pictures: each one that is shown moves the cursor to its own time. */
  #follow() {
    const shown = (_now, frame) => {
      this.shown = frame.mediaTime;
      this.root.dataset.shown = frame.mediaTime.toFixed(3);
      if (this.#part("curtain").hidden && this.#part("still").hidden) this.presented.picture(frame.mediaTime);
      if (this.rate >= 0 && !this.timeline.dragged && this.feed.segmentAt(this.at)) {
        const near = this.playing || Math.abs(frame.mediaTime - this.at) < 2;
        if (near) {
          this.at = frame.mediaTime;
          this.timeline.move(this.at);
          this.#tell();
        }
        if (this.rate > 0) this.feed.want(this.at, AHEAD * Math.max(this.rate, 1));
      }
      this.video.requestVideoFrameCallback(shown);
    };
    this.video.requestVideoFrameCallback(shown);
  }

  /** While playing, stop at the end of a recording instead of jumping over what is missing. */
  #end() {
    if (this.rate <= 0) return;
    const now = this.video.currentTime;
    const segment = this.feed.segmentAt(now) ?? this.feed.segmentAt(now - 0.3);
    if (segment && segment.end - now < 0.2 && !this.feed.segmentAt(segment.end + 0.3)) {
      this.#run(0);
      this.go(segment.end + 0.01);
    }
  }

  /** Across the few milliseconds between two segments a decoder would wait for ever. */
  #hop() {
    const ranges = this.video.buffered;
    for (let number = 0; number < ranges.length; number += 1) {
      const start = ranges.start(number);
      if (start > this.video.currentTime && start - this.video.currentTime < 0.5) {
        this.video.currentTime = start + 0.001;
        return;
      }
    }
  }

  #click(event) {
    const go = event.target.closest("[data-go]");
    if (go) this.go(Number(go.dataset.go) + 0.01);
    const button = event.target.closest("[data-do]");
    if (button) this.act(button.dataset.do);
  }

  /** Do what a button or a key asks for. */
  act(name) {
    const { timeline } = this;
    const edge = (direction) => { const at = timeline.edge(direction); if (at !== undefined) this.go(at + 0.01); };
    const acts = {
      play: () => this.toggle(), stop: () => this.#run(0), faster: () => this.rung(1), slower: () => this.rung(-1),
      half: () => this.#run(0.5), "half-back": () => this.#run(-1),
      back: () => this.go(this.at - 5), on: () => this.go(this.at + 5),
      "minute-back": () => this.go(this.at - 60), "minute-on": () => this.go(this.at + 60),
      "ten-back": () => this.go(this.at - 600), "ten-on": () => this.go(this.at + 600),
      "frame-back": () => this.frame(-1), "frame-on": () => this.frame(1),
      first: () => this.go(timeline.first), last: () => this.go(timeline.last - 0.01),
      previous: () => edge(-1), next: () => edge(1),
      from: () => timeline.mark(this.at, timeline.range.to !== null && timeline.range.to > this.at ? timeline.range.to : null),
      to: () => timeline.mark(timeline.range.from !== null && timeline.range.from < this.at ? timeline.range.from : null, this.at),
      clear: () => { timeline.mark(null, null); this.#part("picture").focus(); },
      "zoom-in": () => timeline.step(1), "zoom-out": () => timeline.step(-1), whole: () => timeline.whole(),
      "pan-back": () => timeline.pan(-0.5), "pan-on": () => timeline.pan(0.5),
      hold: () => this.#hold(), "beside-close": () => { this.beside.close(); this.#part("picture").focus(); },
      time: () => this.goTo.focus(), keys: () => this.#part("keys").showModal(), full: () => this.#full(),
    };
    acts[name]?.();
  }

  #key(event) {
    const name = actOf(event);
    if (!name) return;
    event.preventDefault();
    this.act(name);
  }

  #full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.stage.requestFullscreen();
  }

  #view() {
    const { timeline } = this;
    const whole = timeline.last - timeline.first >= this.index.length - 1;
    const words = filled(this.words.visible, { from: this.day.label(timeline.first), to: this.day.label(timeline.last) });
    this.#part("zoom-words").textContent = whole ? this.words.wholeDay : `${this.day.label(timeline.first)}–${this.day.label(timeline.last)}`;
    if (!this.playing) this.voice.say(whole ? this.words.wholeDay : words);
    this.#remember();
  }

  #range() {
    const { from, to } = this.timeline.range;
    this.#part("range-words").textContent = this.timeline.rangeWords();
    this.#part("clear").disabled = from === null && to === null;
    this.voice.say(this.timeline.rangeWords());
    const hold = this.#part("hold");
    if (hold) hold.disabled = from === null || to === null;
    if (!this.beside.open) return;
    if (from !== null) this.beside.set("start", this.day.label(Math.round(from)));
    if (to !== null) this.beside.set("end", this.day.label(Math.round(to)));
  }

  /** The form of a hold opens beside the picture, with the range that is marked; the picture stays. */
  #hold() {
    const { from, to } = this.timeline.range;
    if (from === null || to === null) return;
    if (this.playing) this.#run(0);
    const instant = (seconds) => new Date(this.index.start + Math.round(seconds) * 1000).toISOString();
    const asked = new URLSearchParams({ beside: "", source: this.root.dataset.source, case: this.root.dataset.case, from: instant(from), to: instant(to) });
    this.beside.show(`${this.root.dataset.hold}?${asked}`);
  }

  /** What is held by now is drawn; the range has served. */
  async #redraw() {
    const answer = await fetch(this.root.dataset.index, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { spans, summary } = await answer.json();
    this.index.spans = spans;
    this.#part("summary").textContent = summary;
    this.timeline.mark(null, null);
    this.#tell();
  }
}

const root = document.getElementById("player");
const words = JSON.parse(document.getElementById("words").textContent);
const response = await fetch(root.dataset.index, { headers: { Accept: "application/json" } });
if (response.ok) new Player(root, await response.json(), words);
else document.getElementById("assertive").textContent = filled(words.stopped, { reason: (await response.json()).error });
