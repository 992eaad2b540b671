// The live wall: one socket for the page, one small player a picture. A picture may be old only visibly.

import { filled } from "../js/daytime.js";
import { isTyping, letterKeys } from "../js/page.js";
import { Tile } from "./tile.js";

const PAUSES = [1, 2, 5, 10];
const HIDDEN_AFTER_MS = 5000;
const LOOK_MS = 250;
const WATERMARK_MS = 20000;
const HEAD = 12;

class Wall {
  /** @param {HTMLElement} root @param {Record<string, string>} words */
  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.tiles = [...root.querySelectorAll(".tile")].map((element) => new Tile(element, words));
    this.attempt = 0;
    this.ahead = 0;
    this.paused = false;
    this.h264 = false;
    this.#listen();
    this.#connect();
    setInterval(() => this.#look(), LOOK_MS);
    setInterval(() => this.#watermarks(), WATERMARK_MS);
    this.#watermarks();
  }

  /** The program's time now, in milliseconds since 1970. */
  get now() {
    return performance.now() + this.ahead;
  }

  #connect() {
    clearTimeout(this.again);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const asked = new URLSearchParams({ sources: this.root.dataset.sources });
    if (this.h264) asked.set("codec", "h264");
    const socket = new WebSocket(`${scheme}://${location.host}/live/ws?${asked}`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => (typeof event.data === "string" ? this.#told(JSON.parse(event.data)) : this.#fed(event.data));
    socket.onclose = (event) => this.#closed(socket, event.code);
    this.socket = socket;
  }

  #closed(socket, code) {
    if (socket !== this.socket) return;
    if (code === 4401 || code === 4403) {
      for (const tile of this.tiles) tile.end();
      this.#say("alert", this.words.refused);
      this.#connection(this.words.refused);
      return;
    }
    if (!this.lostAt) this.lostAt = new Date();
    const time = this.lostAt.toLocaleTimeString("pl-PL");
    if (this.attempt > 0) this.#connection(filled(this.words.lost, { time }));
    const pause = PAUSES[Math.min(this.attempt, PAUSES.length - 1)] * (0.8 + Math.random() * 0.4);
    this.attempt += 1;
    this.again = setTimeout(() => this.#connect(), pause * 1000);
  }

  #connection(text) {
    const bar = document.getElementById("connection");
    bar.hidden = !text;
    bar.textContent = text ?? "";
  }

  #fed(data) {
    const view = new DataView(data);
    const tile = this.tiles[view.getUint8(0)];
    if (!tile || this.paused) return;
    const payload = new Uint8Array(data, HEAD);
    if (view.getUint8(1) === 1) {
      if (tile.begin(payload) || this.h264) return;
      this.h264 = true;
      this.#reopen();
    } else {
      tile.feed(payload, view.getUint8(2) === 1, view.getFloat64(4));
    }
  }

  #told(message) {
    this.attempt = 0;
    this.lostAt = null;
    this.#connection(null);
    const first = !this.ahead;
    this.ahead = message.now - performance.now();
    if (first) this.#watermarks();
    message.pictures.forEach((told, number) => this.tiles[number]?.tell(told));
  }

  /** Age and state of every picture; the title says how many need attention. */
  #look() {
    let wrong = 0;
    for (const tile of this.tiles) {
      tile.look(this.now, this.paused);
      if (tile.wrong) wrong += 1;
      if (tile.news) {
        this.#say(tile.wrong ? "alert" : "status", tile.news);
        tile.news = "";
      }
    }
    document.title = wrong ? `${filled(this.words.attention, { count: wrong })} – ${this.words.title}` : `${this.words.title} – Rejent`;
    const clock = document.getElementById("wall-clock");
    if (this.ahead) clock.textContent = officeTime(this.now);
  }

  #watermarks() {
    const minute = this.ahead ? officeTime(this.now).slice(0, 5) : "";
    this.turn = (this.turn ?? 0) + 1;
    this.tiles.forEach((tile, number) => tile.mark(`${this.root.dataset.watermark} · ${minute}`, this.turn + number));
  }

  #say(kind, text) {
    document.getElementById(kind === "alert" ? "wall-alert" : "wall-status").textContent = text;
  }

  #reopen() {
    for (const tile of this.tiles) tile.end();
    const old = this.socket;
    this.#connect();
    old.close();
  }

  #hidden() {
    clearTimeout(this.hiding);
    if (document.hidden) {
      this.hiding = setTimeout(() => {
        this.paused = true;
        if (this.socket.readyState === WebSocket.OPEN) this.socket.send("pause");
        for (const tile of this.tiles) tile.end();
      }, HIDDEN_AFTER_MS);
    } else if (this.paused) {
      this.paused = false;
      this.#reopen();
    }
  }

  #listen() {
    document.addEventListener("visibilitychange", () => this.#hidden());
    document.getElementById("full").addEventListener("click", () => this.#full());
    document.querySelector("main.wall").addEventListener("dblclick", (event) => {
      event.target.closest(".picture")?.closest(".tile").querySelector(".tile-name").click();
    });
    document.getElementById("dim").addEventListener("click", () => this.#dim());
    document.addEventListener("keydown", (event) => {
      if (!letterKeys || event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) return;
      if (event.key === "f") this.#full();
      else if (event.key === "b") this.#dim();
    });
    this.#stayAwake();
    document.addEventListener("visibilitychange", () => this.#stayAwake());
  }

  #full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  #dim() {
    const on = this.root.classList.toggle("is-dim");
    document.getElementById("dim").setAttribute("aria-pressed", String(on));
  }

  async #stayAwake() {
    if (!document.hidden && "wakeLock" in navigator) {
      await navigator.wakeLock.request("screen").catch(() => undefined);
    }
  }
}

/** `14:05:09` in the office's zone. @param {number} instant milliseconds since 1970 */
function officeTime(instant) {
  return new Intl.DateTimeFormat("pl-PL", { timeZone: "Europe/Warsaw", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(instant);
}

const root = document.querySelector(".wall");
if (root?.dataset.sources) new Wall(root, JSON.parse(document.getElementById("words").textContent));
