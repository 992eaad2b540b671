"use strict";
// The page: the result and its four answers, the folder and the key to check against, picture, facts, proofs.
(() => {
  const evidence = globalThis.REJENT_EVIDENCE;
  const root = document.getElementById("page");
  const state = { language: "pl", proofs: null, files: null, sound: new Map(), share: null, origin: null, key: "", wrong: false };
  let contents = null;
  let viewer = null;

  const say = (name, values = {}) => WORDS[state.language][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  function make(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    if (properties.role) made.setAttribute("role", properties.role);
    made.append(...children.filter((child) => child !== null));
    return made;
  }
  const format = (options) => new Intl.DateTimeFormat(state.language === "pl" ? "pl-PL" : "en-GB", { timeZone: contents.zone, ...options });
  const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  // As the program writes it: 02a in the second run of the hour that autumn repeats.
  function shown(options, time) {
    const isSecond = format(TIME).format(time) === format(TIME).format(time - 3_600_000);
    const written = format(options).format(time);
    return isSecond ? written.replace(/(\d\d)(:\d\d:\d\d)/, "$1a$2") : written;
  }
  const clock = (time) => shown(TIME, time);
  const instant = (time) => shown({ ...TIME, day: "2-digit", month: "2-digit", year: "numeric", timeZoneName: "short" }, time);
  const language = () => state.language;
  // Where a file plays from: the chosen one, once it is checked and proven to be the listed one; nothing before.
  function url(path) {
    if (!state.files || state.proofs.findings.length || !state.sound.has(path)) return null;
    if (!urls.has(path)) urls.set(path, URL.createObjectURL(state.sound.get(path)));
    return urls.get(path);
  }
  const isChecked = () => state.files !== null;
  const urls = new Map();
  const page = { make, say, clock, instant, language, url, isChecked };

  const findings = () => [...state.proofs.findings, ...(state.files || [])];
  function answers() {
    const bad = findings().length > 0;
    const intact = bad ? false : state.files ? true : null;
    const silent = Player.unaccounted(contents).length;
    const told = contents.gaps.length + contents.gone.length;
    const complete = say(silent ? "complete-no" : told ? "complete-told" : "complete-yes", { count: silent || told });
    const packed = state.proofs.packed;
    const at = packed && !bad ? instant(Forms.instant(packed.record.at)) : "";
    const shown = intact && state.origin === true;
    const made = say(shown ? "made-yes" : "made-open", { at, stamp: say(evidence.stamp === null ? "stamp-none" : "stamp-open") });
    const progress = state.share !== null && !bad;
    return {
      intact: [intact, progress ? say("intact-running", { share: Math.floor(state.share * 100) })
        : say(bad ? "intact-no" : intact ? "intact-yes" : "intact-open", { number: contents.number, index: packed ? packed.index : "", count: findings().length })],
      origin: state.origin === false ? [false, say("origin-no")]
        : bad ? [null, say("open-altered")] : state.origin ? [true, say("origin-yes")] : [null, say("origin-open")],
      complete: bad ? [null, say("open-altered")] : silent ? [false, complete] : intact ? [true, complete] : [null, say("complete-open", { told: complete })],
      made: bad ? [null, say("open-altered")] : [shown || null, made],
    };
  }

  function result(found) {
    if (found.intact[0] === false || found.origin[0] === false) return 1;
    if (!found.intact[0]) return 2;
    if (!found.origin[0]) return 3;
    return found.complete[0] ? 0 : 4;
  }

  const KINDS = { 0: "good", 1: "bad", 2: "unknown", 3: "unknown", 4: "unknown" };
  const MARKS = { true: ["✓", "yes", "good"], false: ["✕", "no", "bad"], null: ["?", "open", "unknown"] };
  function verdict() {
    const found = answers();
    const code = result(found);
    const cards = Object.entries(found).map(([name, [shown, sentence]]) => {
      const [mark, word, kind] = MARKS[shown];
      return make("div", { className: `answer ${kind}` }, make("h3", {}, say(name)),
        make("p", { className: "word" }, make("span", { className: "mark", ariaHidden: "true" }, mark), ` ${say(word)}`), make("p", {}, sentence));
    });
    const named = findings().slice(0, 200).map((each) => make("li", {}, `${say(each.code === "key" ? "key_" : each.code)}: `, make("code", {}, each.what)));
    return [
      make("p", { className: `result ${KINDS[code]}`, id: "result" }, make("span", { className: "mark", ariaHidden: "true" }, { good: "✓", bad: "✕", unknown: "?" }[KINDS[code]]), ` ${say(`result-${code}`)}`),
      make("div", { className: "answers" }, ...cards),
      named.length ? make("section", { className: "card bad", id: "findings" }, make("h2", {}, say("findings")), make("ul", {}, ...named)) : "",
    ];
  }

  const verdictArea = make("section", { id: "verdict", ariaLive: "polite" });
  const showVerdict = () => verdictArea.replaceChildren(...verdict().filter(Boolean));

  function forget() {
    for (const each of urls.values()) URL.revokeObjectURL(each);
    urls.clear();
    Object.assign(state, { files: null, sound: new Map() });
  }

  // Check what was chosen; of an earlier choice that is still being read or checked nothing is shown any more.
  let latest = new AbortController();
  async function checkFiles(choice) {
    latest.abort();
    latest = new AbortController();
    const { signal } = latest;
    const chosen = await choice;
    if (signal.aborted) return;
    forget();
    delete document.body.dataset.checked;
    state.wrong = !chosen.files.has(Bag.CONTENTS);
    state.share = state.wrong ? null : 0;
    document.getElementById("wrong-folder").hidden = !state.wrong;
    const bar = document.getElementById("progress");
    bar.hidden = state.wrong;
    showVerdict();
    showRecording();
    if (state.wrong) return;
    let told = -1;
    const found = await Files.check(chosen, evidence, contents, signal, (share) => {
      if (signal.aborted) return;
      state.share = bar.value = share;
      if (Math.floor(share * 20) !== told) {
        told = Math.floor(share * 20);
        showVerdict();
      }
    });
    if (signal.aborted) return;
    Object.assign(state, { share: null, files: found.findings, sound: found.sound });
    bar.hidden = true;
    showVerdict();
    showRecording();
    document.body.dataset.checked = String(state.files.length);
  }

  function checkPanel() {
    const input = make("input", { type: "file", id: "folder", webkitdirectory: true, multiple: true });
    input.addEventListener("change", () => input.files.length && checkFiles(Files.chosen(input.files)));
    const drop = make("div", { className: "drop" }, make("label", { className: "button", htmlFor: "folder" }, say("choose")), input, make("span", {}, say("drop")));
    drop.addEventListener("dragover", (event) => event.preventDefault());
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      checkFiles(Files.dropped(event.dataTransfer.items));
    });
    const key = make("input", { type: "text", id: "key", value: state.key, autocomplete: "off", spellcheck: false });
    key.setAttribute("aria-describedby", "key-help");
    key.addEventListener("input", async () => {
      const stated = (state.key = key.value.trim());
      const named = stated && state.proofs.key ? await Proofs.isNamedBy(state.proofs.key, stated) : null;
      if (stated !== state.key) return;
      state.origin = named;
      showVerdict();
    });
    return make("section", { className: "card check" }, make("h2", {}, say("check")), drop,
      make("p", { className: "quiet small" }, say("choose-why")),
      make("p", { className: "notice", id: "wrong-folder", hidden: !state.wrong, role: "alert" }, say("wrong-folder")),
      make("progress", { id: "progress", max: 1, value: 0, hidden: true, ariaLabel: say("check") }),
      make("label", { className: "field", htmlFor: "key" }, say("key")), key,
      make("p", { className: "quiet small", id: "key-help" }, say("key-help")), papersWithKey());
  }

  // Where the papers bear the fingerprint, drawn small: the strip in colour among grey lines, each [x, y, width, height].
  const PAPERS = {
    label: { size: [100, 70], lines: [[6, 6, 40, 5], [6, 16, 34, 3], [6, 24, 46, 3], [6, 32, 40, 3], [6, 58, 30, 3], [62, 16, 32, 32]], key: [6, 42, 50, 6] },
    custody: { size: [74, 100], lines: [[6, 6, 44, 5], [6, 16, 56, 3], [6, 23, 50, 3], [6, 48, 62, 3], [6, 56, 62, 3], [6, 64, 62, 3], [6, 80, 62, 3], [6, 88, 50, 3]], key: [6, 31, 54, 6] },
    protocol: { size: [74, 100], lines: [[18, 6, 38, 5], [6, 17, 56, 3], [6, 24, 50, 3], [6, 31, 58, 3], [6, 54, 62, 14], [6, 74, 60, 3], [6, 90, 24, 2], [44, 90, 24, 2]], key: [6, 40, 54, 6] },
  };
  function papersWithKey() {
    const drawn = Object.entries(PAPERS).map(([name, { size: [width, height], lines, key }]) => {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const draw = (kind, x, y, wide, high) => {
        const shape = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        for (const [attribute, value] of Object.entries({ class: kind, x, y, width: wide, height: high })) shape.setAttribute(attribute, value);
        svg.append(shape);
      };
      for (const [attribute, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" })) svg.setAttribute(attribute, value);
      draw("sheet", 0.5, 0.5, width - 1, height - 1);
      for (const line of lines) draw("line", ...line);
      draw("key", ...key);
      return make("figure", {}, svg, make("figcaption", { className: "quiet small" }, say(`paper-${name}`)));
    });
    return make("div", { className: "papers", id: "papers-with-key", role: "group", ariaLabel: say("key-where") }, ...drawn);
  }

  function facts() {
    const interval = contents.interval;
    const rows = [
      ["number", contents.number], ["office", contents.office], ["source", `${contents.kind[state.language]}: ${contents.source}`],
      ["time", `${instant(Forms.instant(interval.start))} – ${instant(Forms.instant(interval.end))}`], ["clock", clocks()],
    ];
    const papers = ["label", "custody"].map((name) => make("li", {}, fileLink(`data/${name}.pdf`, `${say(name)} (PDF)`)));
    const list = rows.flatMap(([name, value]) => [make("dt", {}, say(name)), make("dd", {}, value)]);
    return [make("h2", {}, say("facts")), make("dl", {}, ...list), make("h3", {}, say("papers")), make("ul", {}, ...papers)];
  }

  // A link to the chosen, checked file; its name alone before.
  function fileLink(path, words) {
    const at = url(path);
    return at ? make("a", { href: at, download: path.split("/").pop() }, words) : make("span", { className: "quiet" }, words);
  }
  page.fileLink = fileLink;

  function clocks() {
    const { sentence: sentences, offset_ms: offset, uncertainty_ms: uncertainty } = contents.clock;
    const sentence = sentences[state.language];
    const seconds = (value) => (value === null ? "–" : (value / 1000).toLocaleString(state.language));
    return offset === null ? sentence : `${sentence} ${say(uncertainty === null ? "offset-alone" : "offset", { offset: seconds(offset), uncertainty: seconds(uncertainty) })}`;
  }

  function proofs() {
    const { acts, packed } = state.proofs;
    const line = (index, sentence) => {
      const record = acts.get(index);
      const when = record && record.at ? say("entry", { index, at: instant(Forms.instant(record.at)) }) : say("entry", { index, at: say(record === null ? "erased" : "proof") });
      return make("li", {}, sentence, make("span", { className: "quiet small" }, when));
    };
    const list = contents.acts.map((act) => line(act.index, act.sentence[state.language]));
    if (packed) list.push(line(packed.index, say("packed")));
    const limits = ["limit-1", "limit-2", ...(evidence.stamp === null ? ["limit-3"] : [])].map((name) => make("li", {}, say(name)));
    return make("section", { className: "card" }, make("h2", {}, say("proofs")), make("p", {}, say("proofs-why")), make("ol", { className: "proofs" }, ...list),
      make("h3", {}, say("limits")), make("ul", {}, ...limits), make("h3", {}, say("repeat")), make("p", {}, make("code", {}, say("repeat-how"))));
  }

  const recordingArea = make("section", { className: "card" });
  const factsArea = make("section", { className: "card" });
  function showRecording() {
    viewer = new Player.Viewer(contents, page);
    const derived = contents.playable.some((each) => each.file.startsWith("data/viewing/"));
    const parts = [
      make("h2", {}, say("recording")), contents.derived && make("p", { className: "notice", id: "redacted" }, say("redacted", contents.derived)),
      !isChecked() && make("p", { className: "notice", id: "check-first" }, say("check-first")), viewer.element(),
      derived && make("p", { className: "quiet small", id: "viewing" }, say(viewer.silent ? "derived-heard" : "derived")),
    ];
    recordingArea.replaceChildren(...parts.filter(Boolean));
    factsArea.replaceChildren(...facts());
  }

  function build() {
    document.documentElement.lang = state.language;
    document.title = `${contents.number} – ${say("title")}`;
    const other = make("button", { type: "button", className: "small-button", lang: state.language === "pl" ? "en" : "pl" }, say("other"));
    other.addEventListener("click", () => {
      state.language = state.language === "pl" ? "en" : "pl";
      build();
    });
    const head = make("header", {}, make("div", {}, make("h1", {}, say("package", { number: contents.number })), make("p", { className: "quiet" }, `${contents.office} · ${contents.source}`)), other);
    showVerdict();
    showRecording();
    root.replaceChildren(head, verdictArea, make("div", { className: "columns" }, make("div", {}, recordingArea, proofs()), make("div", {}, checkPanel(), factsArea)));
    document.body.dataset.ready = String(findings().length);
  }

  async function start() {
    state.language = "pl";
    if (!evidence) return;
    if (!globalThis.crypto || !crypto.subtle) {
      root.replaceChildren(make("p", { className: "result bad" }, say("result-5")), make("p", {}, say("result-5-how")));
      return;
    }
    try {
      contents = Forms.contents(evidence.contents);
      if (!contents) throw new Error("contents-form");
      state.language = contents.language;
      state.proofs = await Proofs.check(evidence, contents);
      build();
    } catch {
      root.replaceChildren(make("p", { className: "result bad", id: "result" }, say("result-1")), make("p", {}, say("broken")));
    }
  }
  start();
})();
