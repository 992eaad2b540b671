// Listening to a call: the time component with both parties' envelopes, sound at the speed of the listener, keys as in the player.

import { Beside } from "../js/beside.js";
import { decimal, filled } from "../js/daytime.js";
import { GoTo } from "../js/goto.js";
import { actOf } from "../js/player_keys.js";
import { Presented } from "../js/presented.js";
import { Right } from "../js/right.js";
import { MIME, SoundFeed } from "./sound_feed.js";
import { Timeline } from "../js/timeline.js";
import { Voice } from "../js/voice.js";

const LADDER = [0.5, 0.75, 1, 1.25, 1.5, 2];
const AHEAD = 8;

class Listening {
  /** @param {HTMLElement} root @param {object} index @param {Record<string, string>} words */
  constructor(root, index, words) {
    this.root = root;
    this.index = index;
    this.words = words;
    this.audio = this.#part("sound");
    this.audio.preservesPitch = true;
    this.feed = new SoundFeed(this.audio, root.dataset.base, index.length);
    this.timeline = new Timeline(this.#part("axis-room"), index, words);
    this.day = this.timeline.day;
    this.presented = new Presented(root.dataset.base, index.start);
    this.at = 0;
    this.rate = 1;
    this.wanted = false;
    this.voice = new Voice(this.#part("polite"), this.#part("assertive"));
    this.goTo = new GoTo(this.#part("go"), this.day, words, (seconds) => { this.go(seconds); this.#part("stage").focus(); });
    this.beside = new Beside(this.#part("beside"), this.#part("course-room"), words.unanswered);
    this.loops = false;
    this.#listen();
    this.timeline.whole();
    this.go(0);
    if (document.activeElement === document.body) this.#part("stage").focus({ preventScroll: true });
  }

  #part(id) {
    return document.getElementById(id);
  }

  /** Go to a second of the call. */
  go(seconds) {
    if (this.over) return;
    this.at = Math.min(Math.max(seconds, 0), Math.max(this.index.length - 0.05, 0));
    this.audio.currentTime = this.at;
    this.timeline.move(this.at);
    this.#say("");
    if (this.wanted) this.feed.want(this.at, AHEAD * this.rate);
    this.#tell();
    if (!this.wanted) this.voice.say(this.#spoken());
  }

  /** Play, or stop. */
  toggle(on = !this.wanted) {
    if (this.over) return;
    if (!on && this.wanted && !this.audio.seeking) this.#heard();
    if (on && this.at >= this.index.length - 0.06) this.go(0);
    if (on && this.#looped && !this.#inside) this.go(this.timeline.range.from);
    this.wanted = on;
    this.root.classList.toggle("is-playing", on);
    this.#part("play-words").textContent = on ? this.words.pause : this.words.play;
    if (on) {
      this.#say("");
      this.feed.want(this.at, AHEAD * this.rate);
      this.audio.playbackRate = this.rate;
      this.audio.play().catch(() => {});
    } else {
      this.audio.pause();
      this.voice.say(this.day.label(this.at));
    }
    this.#tell();
  }

  /** Another speed; the pitch stays. */
  speed(rate) {
    this.rate = rate;
    this.audio.playbackRate = rate;
    this.#part("speed").value = String(rate);
    this.voice.say(rate === 1 ? this.words.usual : filled(this.words.speed, { speed: decimal(rate, rate % 1 ? 2 : 0) }));
  }

  /** Whether a range is played again and again. */
  get #looped() {
    const { from, to } = this.timeline.range;
    return this.loops && from !== null && to !== null;
  }

  /** Whether the cursor stands in the range. */
  get #inside() {
    const { from, to } = this.timeline.range;
    return from <= this.at && this.at < to;
  }

  /** The range changed: its words, and what can be done with it. */
  #range() {
    const { from, to } = this.timeline.range;
    this.#part("range-words").textContent = this.timeline.rangeWords();
    this.#part("clear").disabled = from === null && to === null;
    this.#part("loop").disabled = from === null || to === null;
    this.#part("loop").setAttribute("aria-pressed", String(this.#looped));
    this.voice.say(this.timeline.rangeWords());
  }

  /** Play the range again and again, or once. */
  #loop() {
    this.loops = !this.loops;
    this.#part("loop").setAttribute("aria-pressed", String(this.#looped));
    if (this.#looped && !this.#inside) this.go(this.timeline.range.from);
  }

  /** What is held by now is drawn. */
  async #redraw() {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.index.spans = JSON.parse(page.getElementById("index").textContent).spans;
    this.timeline.draw();
    this.#tell();
  }

  #rung(direction) {
    const number = LADDER.indexOf(this.rate) + direction;
    this.speed(LADDER[Math.min(Math.max(number, 0), LADDER.length - 1)]);
  }

  /** Clock, and what is missing here. */
  #tell() {
    this.#part("clock").textContent = this.day.label(this.at);
    const here = this.index.spans.filter((span) => ["fault", "planned", "held", "notice"].includes(span.kind) && span.start <= this.at && this.at < span.end);
    this.#part("strip-state").textContent = here.map((span) => span.label).join(" · ");
    this.root.dataset.position = this.at.toFixed(2);
    for (const row of this.rows) row.element.classList.toggle("is-here", row.start <= this.at && this.at < row.end);
  }

  #spoken() {
    const span = this.timeline.spanAt(this.at, "fault", "planned");
    return span ? span.words : this.day.label(this.at);
  }

  /** What went wrong stands on the page; nothing takes it away. */
  #say(text) {
    const told = this.#part("told");
    told.hidden = !text;
    this.#part("told-words").textContent = text;
  }

  #failed(error) {
    this.toggle(false);
    const text = error.message ? filled(this.words.stopped, { reason: error.message }) : filled(this.words.failed, { time: this.day.label(this.at) });
    this.voice.interrupt(text);
    this.#say(text);
  }

  /** The right to the viewing has ended: what is buffered goes too. */
  #ended(reason) {
    this.toggle(false);
    this.over = true;
    this.feed.close();
    this.root.dataset.ended = "";
    const text = filled(this.words.stopped, { reason: reason || this.words.over });
    this.voice.interrupt(text);
    this.#say(text);
  }

  #listen() {
    const { audio, timeline } = this;
    this.rows = [...this.#part("course").querySelectorAll("[data-go]")].map((button) => ({
      element: button.closest("tr"), start: Number(button.dataset.go), end: Number(button.dataset.end),
    }));
    this.feed.addEventListener("failed", (event) => this.#failed(event.detail));
    new Right(this.root.dataset.base).addEventListener("ended", (event) => this.#ended(event.detail));
    timeline.addEventListener("go", (event) => this.go(event.detail));
    timeline.addEventListener("scrub", (event) => { this.at = event.detail; this.#tell(); });
    timeline.addEventListener("view", () => this.#view());
    timeline.addEventListener("range", () => this.#range());
    this.beside.addEventListener("done", () => this.#redraw());
    audio.addEventListener("timeupdate", () => this.#follow());
    audio.addEventListener("ended", () => { this.toggle(false); this.voice.say(this.words.ended); });
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("keydown", (event) => {
      const name = actOf(event);
      if (!name) return;
      event.preventDefault();
      this.act(name);
    });
    this.#part("speed").addEventListener("change", (event) => this.speed(Number(event.target.value)));
  }

  /** What was played since the last look counts as played; a muted player plays nothing. */
  #heard() {
    const from = this.at;
    this.at = this.audio.currentTime;
    if (this.at > from && this.at - from < 5 && !this.audio.muted && this.audio.volume) this.presented.sound(from, this.at);
  }

  /** The sound moves the cursor; what follows is fetched. */
  #follow() {
    if (!this.wanted || this.timeline.dragged || this.audio.seeking) return;
    this.#heard();
    this.timeline.move(this.at);
    this.#tell();
    if (this.#looped && this.at >= this.timeline.range.to) this.go(this.timeline.range.from);
    else if (this.at >= this.index.length - 0.05) this.toggle(false);
    else this.feed.want(this.at, AHEAD * this.rate);
  }

  #view() {
    const { timeline } = this;
    const whole = timeline.last - timeline.first >= this.index.length - 0.5;
    this.#part("zoom-words").textContent = whole ? this.words.wholeDay : `${this.day.label(timeline.first)}–${this.day.label(timeline.last)}`;
  }

  #click(event) {
    const go = event.target.closest("[data-go]");
    if (go) this.go(Number(go.dataset.go));
    const button = event.target.closest("[data-do]");
    if (button) this.act(button.dataset.do);
  }

  /** Do what a button or a key asks for. */
  act(name) {
    const { timeline } = this;
    const edge = (direction) => { const at = timeline.edge(direction); if (at !== undefined) this.go(at); };
    const acts = {
      play: () => this.toggle(), stop: () => this.toggle(false), faster: () => this.#rung(1), slower: () => this.#rung(-1),
      half: () => this.speed(0.5), back: () => this.go(this.at - 5), on: () => this.go(this.at + 5),
      "frame-back": () => this.go(this.at - 1), "frame-on": () => this.go(this.at + 1),
      "minute-back": () => this.go(this.at - 60), "minute-on": () => this.go(this.at + 60),
      "ten-back": () => this.go(this.at - 600), "ten-on": () => this.go(this.at + 600),
      first: () => this.go(timeline.first), last: () => this.go(timeline.last - 0.1),
      previous: () => edge(-1), next: () => edge(1), loop: () => this.#loop(),
      from: () => timeline.mark(this.at, timeline.range.to !== null && timeline.range.to > this.at ? timeline.range.to : null),
      to: () => timeline.mark(timeline.range.from !== null && timeline.range.from < this.at ? timeline.range.from : null, this.at),
      clear: () => { timeline.mark(null, null); this.#part("stage").focus(); },
      hold: () => this.beside.show(this.root.dataset.hold),
      "beside-close": () => { this.beside.close(); this.#part("stage").focus(); },
      "zoom-in": () => timeline.step(1), "zoom-out": () => timeline.step(-1), whole: () => timeline.whole(),
      "pan-back": () => timeline.pan(-0.5), "pan-on": () => timeline.pan(0.5),
      time: () => this.goTo.focus(), keys: () => this.#part("keys").showModal(),
    };
    acts[name]?.();
  }
}

const root = document.getElementById("player");
const words = JSON.parse(document.getElementById("words").textContent);
const index = JSON.parse(document.getElementById("index").textContent);
if (window.MediaSource?.isTypeSupported(MIME)) new Listening(root, index, words);
else {
  document.getElementById("told").hidden = false;
  document.getElementById("told-words").textContent = words.codec;
}
