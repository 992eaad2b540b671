"use strict";
// Picture or sound, and the time axis under it: what is recorded, what is missing and why.
const Player = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const STEP_S = 5;
  const LEAP_S = 60;
  const SEAM_US = 500_000;
  const stretch = (part, kind, cause) => ({ begin: Forms.instant(part.start), end: Forms.instant(part.end), kind, cause });

  // Time that the list of contents says nothing of.
  function unaccounted(contents) {
    const told = [...contents.recordings, ...contents.gaps, ...contents.gone].sort((a, b) => (a.start < b.start ? -1 : 1));
    const whole = contents.interval;
    let reached = whole.start;
    const found = [];
    for (const part of [...told, { start: whole.end, end: whole.end }]) {
      const until = part.start < whole.end ? part.start : whole.end;
      if (Forms.between(reached, until) > SEAM_US) found.push(stretch({ start: reached, end: until }, "silent", ""));
      reached = reached < part.end ? part.end : reached;
    }
    return found;
  }

  // What stands in a recording may be more than what is shown of it: from the key picture before, or to the ends of what it can be cut at.
  function pieces(contents, language) {
    const stem = (path) => path.split("/").pop().replace(/\.[^.]*$/, "");
    const held = new Map(contents.recordings.map((part) => [stem(part.file), stretch(part)]));
    return [
      ...contents.playable.map((part, at) => ({ ...stretch(part, "recorded", ""), file: part.file, held: held.get(stem(part.file)), text: part.media_type.startsWith("text/"), at })),
      ...contents.gaps.map((part) => stretch(part, "gap", part.cause[language])),
      ...contents.gone.map((part) => stretch(part, "gone", part.cause[language])),
      ...unaccounted(contents),
    ].sort((a, b) => a.begin - b.begin);
  }

  class Viewer {
    constructor(contents, page) {
      this.page = page;
      this.pieces = pieces(contents, page.language());
      this.playable = this.pieces.filter((piece) => piece.file && !piece.text);
      this.begin = Math.min(...this.pieces.map((piece) => piece.begin));
      this.end = Math.max(...this.pieces.map((piece) => piece.end));
      this.silent = contents.playable.every((part) => part.media_type.startsWith("audio/"));
      this.current = null;
      this.wanted = null;
    }

    element() {
      const { make, say } = this.page;
      this.media = make(this.silent ? "audio" : "video", { controls: true, preload: "metadata", playsInline: true });
      this.media.addEventListener("timeupdate", () => this.follow());
      this.media.addEventListener("ended", () => this.goOn());
      this.media.addEventListener("loadedmetadata", () => this.seek());
      this.shown = make("output", { className: "clock digits" });
      this.notice = make("p", { className: "notice", hidden: true });
      this.axis = make("div", { className: "axis", tabIndex: 0, role: "slider", ariaLabel: say("position"), ariaValueMin: 0 }, this.drawing());
      this.axis.setAttribute("aria-valuemax", Math.round((this.end - this.begin) / 1000));
      this.axis.addEventListener("keydown", (event) => this.key(event));
      this.axis.addEventListener("click", (event) => {
        const box = this.axis.getBoundingClientRect();
        this.go(this.begin + ((event.clientX - box.left) / box.width) * (this.end - this.begin));
      });
      const ends = make("div", { className: "ends digits" }, make("span", {}, this.page.clock(this.begin)), make("span", {}, this.page.clock(this.end)));
      const list = make("ol", { className: "course plain" }, ...this.pieces.map((piece) => this.line(piece)));
      this.place(this.begin);
      this.media.hidden = !this.playable.some((piece) => this.page.url(piece.file));
      if (this.playable.length && !this.media.hidden) this.load(this.playable[0], this.playable[0].begin);
      if (!this.playable.length && this.pieces.some((piece) => piece.text)) return make("div", { className: "viewer" }, list);
      return make("div", { className: "viewer" }, this.media, this.notice, make("div", { className: "strip" }, this.shown), this.axis, ends, make("h3", {}, say("course")), list);
    }

    drawing() {
      const svg = document.createElementNS(SVG, "svg");
      const draw = (name, attributes, parent = svg) => {
        const shape = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
        parent.append(shape);
        return shape;
      };
      for (const [key, value] of Object.entries({ viewBox: "0 0 1000 40", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(key, value);
      draw("rect", { class: "track", x: 0, y: 6, width: 1000, height: 28 });
      for (const piece of this.pieces) {
        const x = this.share(piece.begin) * 1000;
        draw("rect", { class: piece.kind, x, y: 6, width: Math.max(this.share(piece.end) * 1000 - x, 2), height: 28 });
      }
      this.marker = draw("rect", { class: "marker", x: 0, y: 0, width: 3, height: 40 });
      return svg;
    }

    line(piece) {
      const { make, say, clock } = this.page;
      const times = make("span", { className: "digits nowrap" }, `${clock(piece.begin)} – ${clock(piece.end)}`);
      const what = make("span", { className: `state ${piece.kind}` }, say(piece.kind), piece.cause ? `: ${piece.cause}` : "");
      if (!piece.file) return make("li", {}, times, what);
      if (piece.text) return make("li", {}, times, what, this.page.fileLink(piece.file, piece.file.split("/").pop()));
      if (!this.page.url(piece.file)) return make("li", {}, times, what, this.page.isChecked() ? make("span", { className: "quiet small" }, say("not-sound")) : "");
      const { held, begin } = piece;
      if (held && (held.begin < begin || held.end > piece.end)) {
        const told = piece.file.startsWith("data/viewing/") ? "held" : "since";
        what.append(" ", make("span", { className: "quiet small" }, say(told, { since: clock(held.begin), until: clock(held.end), begin: clock(begin) })));
      }
      const button = make("button", { type: "button", className: "small-button" }, say("play"));
      button.setAttribute("aria-label", `${say("play")} ${clock(piece.begin)}`);
      button.addEventListener("click", () => {
        this.go(piece.begin);
        this.media.play();
      });
      return make("li", {}, times, what, button);
    }

    share(time) {
      return (time - this.begin) / Math.max(this.end - this.begin, 1);
    }

    go(time) {
      const at = Math.min(Math.max(time, this.begin), this.end);
      const piece = this.playable.find((each) => each.begin <= at && at < each.end);
      if (piece) this.load(piece, at);
      else this.missing(at);
    }

    load(piece, at) {
      const from = this.page.url(piece.file);
      this.media.hidden = !from;
      if (!from) {
        this.media.pause();
        this.place(at);
        this.notice.replaceChildren(this.page.say(this.page.isChecked() ? "not-sound" : "check-first"));
        this.notice.hidden = false;
        return;
      }
      this.notice.hidden = true;
      this.wanted = (at - piece.begin) / 1000;
      this.place(at);
      if (this.current === piece && this.media.readyState > 0) this.seek();
      else if (this.current !== piece) {
        const playing = this.current && (!this.media.paused || this.media.ended);
        this.current = piece;
        this.media.src = from;
        if (playing) this.media.play().catch(() => {});
      }
    }

    seek() {
      if (this.wanted !== null) this.media.currentTime = this.wanted;
      this.wanted = null;
    }

    follow() {
      if (this.current && this.notice.hidden) this.place(this.current.begin + this.media.currentTime * 1000);
    }

    goOn() {
      const next = this.playable[this.playable.indexOf(this.current) + 1];
      if (next && next.begin - this.current.end < 1000) this.load(next, next.begin);
      else if (this.current.end < this.end) this.missing(this.current.end);
    }

    missing(at) {
      const { make, say, clock } = this.page;
      const piece = this.pieces.find((each) => !each.file && each.begin <= at && at <= each.end);
      const next = this.playable.find((each) => each.begin > at);
      this.media.pause();
      this.place(at);
      this.notice.replaceChildren(say("here", { cause: piece ? piece.cause || say(piece.kind) : say("silent") }));
      if (next) {
        const button = make("button", { type: "button", className: "small-button" }, say("next", { at: clock(next.begin) }));
        button.addEventListener("click", () => this.load(next, next.begin));
        this.notice.append(" ", button);
      }
      this.notice.hidden = false;
    }

    place(time) {
      this.time = Math.min(Math.max(time, this.begin), this.end);
      this.marker.setAttribute("x", Math.min(this.share(this.time) * 1000, 997));
      this.shown.value = this.page.instant(this.time);
      this.axis.setAttribute("aria-valuenow", Math.round((this.time - this.begin) / 1000));
      this.axis.setAttribute("aria-valuetext", this.page.instant(this.time));
    }

    key(event) {
      const steps = { ArrowLeft: -STEP_S, ArrowDown: -STEP_S, ArrowRight: STEP_S, ArrowUp: STEP_S, PageDown: -LEAP_S, PageUp: LEAP_S };
      if (event.key in steps) this.go(this.time + steps[event.key] * 1000);
      else if (event.key === "Home") this.go(this.begin);
      else if (event.key === "End") this.go(this.end - 1);
      else return;
      event.preventDefault();
    }
  }
  return { Viewer, unaccounted };
})();
