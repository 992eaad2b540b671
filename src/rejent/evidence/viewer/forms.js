"use strict";
// What verify.py demands of a list of contents and of what a proof states: `FORMS` is its own table.
const Forms = (() => {
  const CHUNK = 4 << 20;
  const patterns = new Map();

  function pattern(text) {
    if (!patterns.has(text)) patterns.set(text, new RegExp(`^(?:${text})$`, "u"));
    return patterns.get(text);
  }

  // Whether a JSON value has a form: no member more or less, each text by its pattern.
  function fits(value, [kind, what, most]) {
    if (kind === "text") return typeof value === "string" && pattern(what).test(value);
    if (kind === "integer") return Number.isInteger(value) && value >= what && value <= most;
    if (kind === "maybe") return value === null || fits(value, what);
    if (kind === "list") return Array.isArray(value) && value.every((each) => fits(each, what));
    if (!value || typeof value !== "object" || Array.isArray(value)) return false;
    const names = Object.keys(value);
    return names.length === Object.keys(what).length && names.every((name) => Object.hasOwn(what, name) && fits(value[name], what[name]));
  }

  // The canonical text of a JSON value (RFC 8785).
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (!value || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }

  // A JSON object that is written canonically and has one of some forms; nothing where it is otherwise.
  function read(text, ...forms) {
    try {
      const value = JSON.parse(text);
      return forms.some((form) => fits(value, form)) && canonical(value) === text ? value : null;
    } catch {
      return null;
    }
  }

  const names = (value) => {
    if (!value || typeof value !== "object") return 0;
    return (Array.isArray(value) ? 0 : Object.keys(value).length) + Object.values(value).reduce((sum, each) => sum + names(each), 0);
  };

  function isTooDeep(value) {
    let within = [value];
    for (let depth = 0; depth < FORMS.deepest; depth += 1) within = within.flatMap((one) => Object.values(one)).filter((each) => each && typeof each === "object");
    return within.length > 0;
  }

  // A JSON object that names nothing twice, with no number longer and nothing deeper than any; nothing where it is otherwise.
  function object(text) {
    const value = JSON.parse(text);
    const bare = text.replace(/"(?:[^"\\]|\\.)*"/gs, '"');
    if (!value || typeof value !== "object" || Array.isArray(value) || isTooDeep(value)) return null;
    if ((bare.match(/[0-9.eE+-]+/g) || []).some((number) => number.length > FORMS.longest_number)) return null;
    return (bare.match(/"\s*:/g) || []).length === names(value) ? value : null;
  }

  // Milliseconds of an instant, with the thousandths that it is written with; not a number where no calendar has it.
  function instant(text) {
    if (!fits(text, FORMS.instant)) return NaN;
    const time = Date.parse(`${text.slice(0, 23)}Z`);
    return Number.isNaN(time) || new Date(time).toISOString().slice(0, 23) !== text.slice(0, 23) ? NaN : time + Number(text.slice(23, 26)) / 1000;
  }

  // Microseconds from one instant to another, to the last one.
  function between(first, last) {
    const [begin, end] = [first, last].map((text) => [Math.floor(instant(text)), Number(text.slice(23, 26))]);
    return (end[0] - begin[0]) * 1000 + end[1] - begin[1];
  }

  const ascends = (values) => values.every((value, at) => !at || values[at - 1] < value);

  // Whether a list of contents that has its form is whole: in order, each file it names listed, no time before its beginning.
  function whole(contents) {
    const paths = contents.files.map((file) => file.path);
    const acts = contents.acts.map((act) => act.index);
    const parts = [...contents.recordings, ...contents.playable, ...contents.gaps, ...contents.gone];
    const named = ["data/label.pdf", "data/custody.pdf", ...parts.filter((part) => "file" in part).map((part) => part.file)];
    return [contents.interval, ...parts].every(({ start, end }) => !Number.isNaN(instant(start)) && !Number.isNaN(instant(end)) && start <= end)
      && !Number.isNaN(instant(contents.made_at))
      && ascends(paths) && new Set(paths.map((path) => path.toLowerCase())).size === paths.length && !paths.includes("viewer/evidence.js")
      && named.every((path) => paths.includes(path))
      && ascends(acts) && ascends(contents.erased) && contents.erased.every((index) => acts.includes(index))
      && contents.files.every(({ bytes, chunks, sha256 }) => chunks.length === Math.ceil(bytes / CHUNK) && (chunks.length !== 1 || chunks[0] === sha256));
  }

  // The list of contents, in its one form; nothing where it is otherwise.
  function contents(text) {
    const value = read(text, FORMS.contents);
    return value && whole(value) ? value : null;
  }
  return { CHUNK, between, contents, fits, instant, object, read };
})();
