// The editor of redactions: plays a copy part by part, draws its regions over the picture, and writes the plan into the form.

import { followed } from "./following.js";

const WHOLE = 10000;
const LEAST = 50;
const CORNER = 400;
const AT_ONCE = 3;
const STEP_MS = 400;
const STEPS = 15;
const ACROSS = 320;
const SVG = "http://www.w3.org/2000/svg";

const form = document.getElementById("redaction");
const one = (name, within = form) => within.querySelector(name);
const length = Number(form.dataset.length);
const start = Number(form.dataset.start);
const editable = "editable" in form.dataset;
const pictures = "pictures" in form.dataset;
const parts = form.dataset.parts.split(";").filter(Boolean).map((part) => {
  const [place, begin, end] = part.split(",").map(Number);
  return { place, begin, end };
});
const media = one("video, audio");
const drawing = one("svg", one("[data-stage]"));
const slider = one("#at");
const shown = one("[data-clock]");
const CLOCK = new Intl.DateTimeFormat(document.documentElement.lang === "pl" ? "pl-PL" : "en-GB", {
  timeZone: "Europe/Warsaw", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 2, hourCycle: "h23",
});

const field = one('input[name="plan"]');
const plan = editable ? JSON.parse(field.value) : { fill: "solid", regions: [], spans: [] };
let time = 0;
let current = null;
let wanted = null;
let pace = 1;
let chosen = plan.regions.length ? 0 : -1;
/** Address of each part that was fetched, and how many milliseconds of its time one of its media stands for: a camera's clock drifts. */
const loaded = new Map();
/** Keyframes that were proposed for a region and that nobody has taken yet: no part of the plan. */
const proposals = new Map();

// --- time and playing -----------------------------------------------------------------------------------------------------------

function place(at) {
  time = Math.min(Math.max(Math.round(at), 0), length);
  slider.value = time;
  const said = `${CLOCK.format(start + time)} (${(time / 1000).toFixed(2)} s)`;
  shown.value = said;
  slider.setAttribute("aria-valuetext", said);
  draw();
}

async function contentOf(part) {
  const known = loaded.get(part.place);
  if (known) return known;
  const answer = await fetch(form.dataset.address.replace(/0$/, part.place), { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const plays = Number(answer.headers.get("Media-Length"));
  const made = { address: URL.createObjectURL(await answer.blob()), pace: plays > 0 ? (part.end - part.begin) / plays : 1 };
  loaded.set(part.place, made);
  for (const [old, { address }] of loaded) {
    if (loaded.size <= AT_ONCE) break;
    loaded.delete(old);
    URL.revokeObjectURL(address);
  }
  return made;
}

/** Seconds of the loaded media for milliseconds since its part begins. */
function inMedia(since) {
  return since / pace / 1000;
}

async function go(at) {
  place(at);
  const part = parts.find((each) => each.begin <= time && time < each.end) ?? parts.findLast((each) => each.begin <= time) ?? parts[0];
  wanted = Math.max(Math.min(time, part.end - 20) - part.begin, 0);
  if (current === part) {
    if (media.readyState > 0) media.currentTime = inMedia(wanted);
    return;
  }
  current = part;
  pace = 1;
  if (!("open" in form.dataset)) return;
  try {
    const found = await contentOf(part);
    if (current === part) [media.src, pace] = [found.address, found.pace];
    one("[data-refused]").hidden = true;
  } catch {
    one("[data-refused]").hidden = false;
  }
}

media.addEventListener("loadedmetadata", () => {
  if (wanted !== null) media.currentTime = inMedia(wanted);
});
media.addEventListener("timeupdate", () => {
  if (current && !media.paused) place(current.begin + media.currentTime * 1000 * pace);
});
media.addEventListener("ended", async () => {
  const next = parts[parts.indexOf(current) + 1];
  if (!next) return;
  await go(next.begin);
  media.play().catch(() => {});
});
slider.addEventListener("input", () => {
  media.pause();
  go(Number(slider.value));
});
one("[data-play]").addEventListener("click", () => (media.paused ? media.play().catch(() => {}) : media.pause()));
for (const button of form.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => {
    media.pause();
    go(time + Number(button.dataset.step));
  });
}

// --- regions on the picture -----------------------------------------------------------------------------------------------------

function at(region, when) {
  const after = region.keys.findIndex(([key]) => key > when);
  if (after <= 0) return (after === 0 ? region.keys[0] : region.keys.at(-1)).slice(1);
  const [first, ...one] = region.keys[after - 1];
  const [last, ...other] = region.keys[after];
  return one.map((value, at) => value + ((other[at] - value) * (when - first)) / (last - first));
}

function draw() {
  if (!pictures || !editable) return;
  drawing.replaceChildren();
  plan.regions.forEach((region, number) => {
    if (!region.keys.length || time < region.start || time > region.end) return;
    const [x, y, width, height] = at(region, time);
    const round = region.shape === "ellipse";
    const shape = document.createElementNS(SVG, round ? "ellipse" : "rect");
    const where = round ? { cx: x + width / 2, cy: y + height / 2, rx: width / 2, ry: height / 2 } : { x, y, width, height };
    const look = `region${region.keep ? " keep" : ""}${number === chosen ? " chosen" : ""}`;
    for (const [name, value] of Object.entries({ ...where, class: look })) shape.setAttribute(name, value);
    drawing.append(shape);
    if (number !== chosen) return;
    const corner = document.createElementNS(SVG, "rect");
    const side = { x: x + width - CORNER / 2, y: y + height - CORNER / 2, width: CORNER / 1.5, height: CORNER, class: "corner" };
    for (const [name, value] of Object.entries(side)) corner.setAttribute(name, value);
    drawing.append(corner);
    const guess = (proposals.get(region) ?? []).find(([when]) => Math.abs(when - time) < 20);
    if (!guess) return;
    const dashed = document.createElementNS(SVG, "rect");
    const there = { x: guess[1], y: guess[2], width: guess[3], height: guess[4], class: "region proposed" };
    for (const [name, value] of Object.entries(there)) dashed.setAttribute(name, value);
    drawing.append(dashed);
  });
}

function within([x, y, width, height]) {
  const wide = Math.round(Math.min(Math.max(width, LEAST), WHOLE));
  const high = Math.round(Math.min(Math.max(height, LEAST), WHOLE));
  return [Math.round(Math.min(Math.max(x, 0), WHOLE - wide)), Math.round(Math.min(Math.max(y, 0), WHOLE - high)), wide, high];
}

/** Set a keyframe of a region at a time. */
function key(region, when, box) {
  region.keys = [...region.keys.filter(([known]) => known !== when), [when, ...within(box)]].sort((a, b) => a[0] - b[0]);
}

function newRegion(box) {
  plan.regions.push({ shape: "rectangle", keep: false, reason: "person", start: 0, end: length, keys: [[time, ...within(box)]] });
  chosen = plan.regions.length - 1;
  changed();
}

let drag = null;
function pointed(event) {
  const frame = drawing.getBoundingClientRect();
  return [((event.clientX - frame.left) / frame.width) * WHOLE, ((event.clientY - frame.top) / frame.height) * WHOLE];
}

function grasped([x, y]) {
  const reached = (number) => {
    const region = plan.regions[number];
    if (!region || !region.keys.length || time < region.start || time > region.end) return null;
    const box = at(region, time);
    const nearCorner = Math.abs(x - box[0] - box[2]) < CORNER && Math.abs(y - box[1] - box[3]) < CORNER;
    if (number === chosen && nearCorner) return { number, box, way: "size" };
    const inside = x >= box[0] && y >= box[1] && x <= box[0] + box[2] && y <= box[1] + box[3];
    return inside ? { number, box, way: "move" } : null;
  };
  const order = [chosen, ...plan.regions.keys()];
  return order.map(reached).find(Boolean) ?? { number: -1, box: [x, y, 0, 0], way: "new" };
}

if (editable && pictures) {
  drawing.addEventListener("pointerdown", (event) => {
    media.pause();
    const from = pointed(event);
    drag = { from, ...grasped(from), moved: false };
    if (drag.number >= 0 && drag.number !== chosen) {
      chosen = drag.number;
      changed();
    }
    drawing.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = pointed(event);
    const [dx, dy] = [x - drag.from[0], y - drag.from[1]];
    if (!drag.moved && Math.abs(dx) + Math.abs(dy) < LEAST) return;
    drag.moved = true;
    const [left, top, width, height] = drag.box;
    if (drag.way === "new") {
      const box = [Math.max(Math.min(x, drag.from[0]), 0), Math.max(Math.min(y, drag.from[1]), 0), Math.abs(dx), Math.abs(dy)];
      if (drag.number < 0) {
        newRegion(box);
        drag.number = chosen;
      } else key(plan.regions[drag.number], time, box);
    } else if (drag.way === "move") key(plan.regions[drag.number], time, [left + dx, top + dy, width, height]);
    else key(plan.regions[drag.number], time, [left, top, Math.min(width + dx, WHOLE - left), Math.min(height + dy, WHOLE - top)]);
    draw();
  });
  const let_go = () => {
    if (drag?.moved) changed();
    drag = null;
  };
  drawing.addEventListener("pointerup", let_go);
  drawing.addEventListener("pointercancel", let_go);
}

// --- proposals ------------------------------------------------------------------------------------------------------------------

/** The picture on the screen in grey, small. */
function grey() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [ACROSS, Math.round((ACROSS * media.videoHeight) / media.videoWidth)];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(media, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint8Array(canvas.width * canvas.height);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = (data[at * 4] + 2 * data[at * 4 + 1] + data[at * 4 + 2]) >> 2;
  return { pixels, size: [canvas.width, canvas.height] };
}

/** Go to a time within the part that is loaded, and wait for its picture. */
function sought(at) {
  return new Promise((done) => {
    media.addEventListener("seeked", done, { once: true });
    place(at);
    media.currentTime = inMedia(at - current.begin);
  });
}

/** Propose where a region goes on from here, until nothing alike is found, the part ends, or some seconds are over. */
async function propose(region) {
  if (media.readyState < 2 || !region.keys.length) return;
  media.pause();
  const begun = time;
  const box = at(region, begun);
  let before = grey();
  const scale = before.size.map((side) => side / WHOLE);
  let here = box.map((value, side) => Math.max(Math.round(value * scale[side % 2]), side > 1 ? 2 : 0));
  const found = [];
  const last = Math.min(region.end, current.end - 40);
  for (let step = 1; step <= STEPS && begun + step * STEP_MS < last; step += 1) {
    await sought(begun + step * STEP_MS);
    const after = grey();
    const next = followed(before.pixels, after.pixels, after.size, here);
    if (!next) break;
    [before, here] = [after, next];
    found.push([begun + step * STEP_MS, ...within([next[0] / scale[0], next[1] / scale[1], box[2], box[3]])]);
  }
  proposals.set(region, found);
  await sought(begun);
  one("[data-told]").hidden = false;
  one("[data-count]").textContent = found.length;
  changed();
}

function proposalRow(region, guess) {
  const row = cloned("proposal-row");
  one("[data-when]", row).textContent = `${(guess[0] / 1000).toFixed(2)} s`;
  const done = () => {
    proposals.set(region, proposals.get(region).filter((other) => other !== guess));
    changed();
  };
  one("[data-go]", row).addEventListener("click", () => go(guess[0]));
  one("[data-drop]", row).addEventListener("click", done);
  one("[data-take]", row).addEventListener("click", () => {
    key(region, guess[0], guess.slice(1));
    go(guess[0]);
    done();
  });
  return row;
}

// --- the tables -----------------------------------------------------------------------------------------------------------------

const seconds = (value) => Math.min(Math.max(Math.round(Number(value) * 1000), 0), length);
const cloned = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);

function fields(row, thing) {
  for (const input of row.querySelectorAll("[data-of]")) {
    const name = input.dataset.of;
    if (name === "keep") input.value = thing.keep ? "1" : "";
    else input.value = name === "start" || name === "end" ? thing[name] / 1000 : thing[name];
    input.addEventListener("change", () => {
      if (name === "keep") thing.keep = input.value === "1";
      else if (name === "start" || name === "end") thing[name] = seconds(input.value);
      else thing[name] = name === "party" ? Number(input.value) : input.value;
      changed({ rows: false });
    });
  }
}

function keyRow(region, number) {
  const row = cloned("key-row");
  for (const input of row.querySelectorAll("[data-key]")) {
    const at = Number(input.dataset.key);
    input.value = at ? region.keys[number][at] / 100 : region.keys[number][0] / 1000;
    input.addEventListener("change", () => {
      const [when, ...box] = region.keys[number];
      if (at) box[at - 1] = Math.round(Number(input.value) * 100);
      region.keys.splice(number, 1);
      key(region, at ? when : seconds(input.value), box);
      changed();
    });
  }
  one("[data-go]", row).addEventListener("click", () => go(region.keys[number][0]));
  one("[data-remove-key]", row).addEventListener("click", () => {
    region.keys.splice(number, 1);
    changed();
  });
  return row;
}

function regionRow(region, number) {
  const row = cloned("region-row");
  row.className = number === chosen ? "chosen" : "";
  one("[data-number]", row).textContent = number + 1;
  fields(row, region);
  const guesses = (proposals.get(region) ?? []).map((guess) => proposalRow(region, guess));
  one("[data-keys]", row).replaceChildren(...region.keys.map((_, at) => keyRow(region, at)), ...guesses);
  one("[data-propose]", row).addEventListener("click", () => {
    chosen = number;
    propose(region);
  });
  one("[data-add-key]", row).addEventListener("click", () => {
    chosen = number;
    key(region, time, region.keys.length ? at(region, time) : [4000, 4000, 2000, 2000]);
    changed();
  });
  one("[data-remove]", row).addEventListener("click", () => remove(plan.regions, number));
  row.addEventListener("focusin", () => {
    if (chosen === number) return;
    chosen = number;
    for (const other of row.parentElement.children) other.className = other === row ? "chosen" : "";
    draw();
  });
  return row;
}

function spanRow(span, number) {
  const row = cloned("span-row");
  one("[data-number]", row).textContent = number + 1;
  fields(row, span);
  one("[data-remove]", row).addEventListener("click", () => remove(plan.spans, number));
  return row;
}

function remove(list, number) {
  list.splice(number, 1);
  chosen = Math.min(chosen, plan.regions.length - 1);
  changed();
}

function changed({ rows = true } = {}) {
  field.value = JSON.stringify(plan);
  if (rows && pictures) {
    one("[data-regions]").replaceChildren(...plan.regions.map(regionRow));
    one("[data-no-regions]").hidden = plan.regions.length > 0;
  }
  if (rows) {
    one("[data-spans]").replaceChildren(...plan.spans.map(spanRow));
    one("[data-no-spans]").hidden = plan.spans.length > 0;
  }
  draw();
}

if (editable) {
  one("[data-add-region]")?.addEventListener("click", () => {
    newRegion([4000, 3000, 2000, 4000]);
    one("[data-regions]").lastElementChild.querySelector("select").focus();
  });
  one("[data-add-span]").addEventListener("click", () => {
    const effect = pictures ? "black" : "silent";
    plan.spans.push({ effect, party: 0, reason: "person", start: Math.min(time, length - 1), end: Math.min(time + 1000, length) });
    changed();
    one("[data-spans]").lastElementChild.querySelector("select").focus();
  });
  const fill = one("[data-fill]");
  if (fill) {
    fill.value = plan.fill;
    fill.addEventListener("change", () => {
      plan.fill = fill.value;
      changed({ rows: false });
    });
  }
  changed();
}
go(0);
