"use strict";
// What the ledger's proofs show of the list of contents: no file is needed for it. The same rules as in verify.py.
const Proofs = (() => {
  const PACKED = "evidence.packed";
  const encoder = new TextEncoder();
  class ProofError extends Error {}

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const same = (one, two) => one.length === two.length && one.every((byte, at) => byte === two[at]);
  const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
  const digest = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));
  const sha256 = (bytes) => digest("SHA-256", bytes);
  const demand = (condition, code) => {
    if (!condition) throw new ProofError(code);
  };

  function base64(text) {
    let bytes = "";
    try {
      bytes = atob(text);
    } catch {
      demand(false, "base64");
    }
    demand(bytes && btoa(bytes) === text, "base64");
    return Uint8Array.from(bytes, (sign) => sign.charCodeAt(0));
  }

  async function parsedKey(text) {
    demand(Forms.fits(text, FORMS.key), "key");
    const [name, id, material] = [...text.split("+", 2), text.split("+").slice(2).join("+")];
    const blob = base64(material);
    demand(blob.length === 33 && blob[0] === 1, "key");
    const whole = hex(await sha256(joined(encoder.encode(`${name}\n`), blob)));
    demand(whole.slice(0, 8) === id, "key");
    return { name, blob, whole, public: blob.slice(1), fingerprint: whole.slice(0, 32).replace(/.{4}(?=.)/g, "$& ") };
  }

  // Whether a key or fingerprint that was typed is this key's; of a fingerprint, all printed digits are needed.
  async function isNamedBy(key, stated) {
    const digits = stated.replace(/[\s:-]/g, "").toLowerCase();
    if (/^[0-9a-f]{32,64}$/.test(digits)) return key.whole.startsWith(digits);
    try {
      const other = await parsedKey(stated.trim());
      return other.name === key.name && same(other.blob, key.blob);
    } catch {
      return false;
    }
  }

  async function openedCheckpoint(text, key) {
    const gap = text.lastIndexOf("\n\n");
    demand(gap >= 0, "checkpoint");
    const body = text.slice(0, gap);
    const lines = body.split("\n");
    const signed = text.slice(gap + 2).split("\n");
    demand(lines.length === 3 && lines.every(Boolean) && signed.length === 2 && signed[1] === "", "checkpoint");
    const [, name, value] = /^— ([^ ]+) (.*)$/.exec(signed[0]) || [];
    demand(name, "checkpoint");
    const blob = base64(value);
    const named = name === key.name && hex(blob.slice(0, 4)) === key.whole.slice(0, 8) && lines[0] === key.name;
    demand(named && (await Ed25519.verify(key.public, encoder.encode(`${body}\n`), blob.slice(4))), "signature");
    const root = base64(lines[2]);
    demand(/^(0|[1-9][0-9]{0,14})$/.test(lines[1]) && root.length === 32, "checkpoint");
    return { size: Number(lines[1]), root };
  }

  // The root that an inclusion proof leads to (RFC 9162 §2.1.3.2).
  async function rootFrom(node, index, size, path) {
    let last = size - 1;
    demand(index < size, "inclusion");
    for (const sibling of path) {
      demand(last > 0 && sibling.length === 32, "inclusion");
      if (index % 2 || index === last) {
        node = await sha256(joined([1], sibling, node));
        while (index % 2 === 0 && index) [index, last] = [index / 2, Math.floor(last / 2)];
      } else {
        node = await sha256(joined([1], node, sibling));
      }
      [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
    }
    demand(last === 0, "inclusion");
    return node;
  }

  async function recordOf(stated, leaf) {
    if (!("record" in stated)) return null;
    const salt = base64(stated.salt);
    demand(salt.length === 32, "record");
    const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const made = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(stated.record)));
    demand(same(made, leaf), "record");
    const record = Forms.object(stated.record);
    const facts = record && record.facts;
    demand(record && typeof record.act === "string" && !Number.isNaN(Forms.instant(record.at)) && facts && typeof facts === "object" && !Array.isArray(facts), "record");
    return record;
  }

  async function provenAct(index, text, checkpoint, key, state) {
    const gap = text.indexOf("\n\n");
    const lines = text.slice(0, Math.max(gap, 0)).split("\n");
    demand(gap > 0 && lines.length >= 3 && lines.length <= 66 && lines[0] === "c2sp.org/tlog-proof@v1", "proof");
    demand(/^extra /.test(lines[1]) && /^index (0|[1-9][0-9]{0,14})$/.test(lines[2]), "proof");
    demand(text.slice(gap + 2) === checkpoint, "other-checkpoint");
    const stated = Forms.read(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(base64(lines[1].slice(6))), FORMS.stated, FORMS.erased);
    demand(stated, "proof");
    const named = await parsedKey(stated.key);
    demand(named.name === key.name && same(named.blob, key.blob), "proof");
    const leaf = base64(stated.leaf);
    const root = await rootFrom(await sha256(joined([0], leaf)), Number(lines[2].slice(6)), state.size, lines.slice(3).map(base64));
    demand(same(root, state.root), "inclusion");
    demand(lines[2] === `index ${index}`, "other-act");
    return recordOf(stated, leaf);
  }

  const texts = (value) => {
    if (typeof value === "string") return [value];
    return value && typeof value === "object" ? Object.values(value).flatMap(texts) : [];
  };

  // The digest by which an act names all its recordings at once: of a line each, SHA256 BYTES START END.
  async function digestUnder(contents, act, files) {
    const lines = contents.recordings.filter((each) => each.act === act).map((each) => {
      const times = [each.start, each.end].map((time) => time.replace("Z", "+00:00"));
      return `${[files.get(each.file).sha256, files.get(each.file).bytes, ...times].join(" ")}\n`;
    });
    return hex(await sha256(encoder.encode(lines.join(""))));
  }

  // Whether the list of contents tells of the original what the act of making tells.
  function sameOrigin(derived, facts) {
    if (!Object.hasOwn(facts, "origin")) return derived === null;
    return derived !== null && Object.keys(derived).length === 3 && derived.number === facts.origin && derived.digest === facts.origin_digest && derived.plan === facts.plan;
  }

  const includes = (bytes, part) => bytes.some((_, at) => part.every((byte, further) => bytes[at + further] === byte));

  // Findings, the proven records by index (null of one that is not in its proof), the act that commits to the list of contents, the key.
  async function check(evidence, contents) {
    const found = { findings: [], acts: new Map(), packed: null, key: null };
    const note = (code, what) => found.findings.push({ code, what });
    try {
      found.key = await parsedKey(evidence.key);
      const state = await openedCheckpoint(evidence.checkpoint, found.key);
      for (const [index, text] of Object.entries(evidence.proofs)) {
        try {
          demand(/^(0|[1-9][0-9]{0,11})$/.test(index), "proof");
          found.acts.set(Number(index), await provenAct(Number(index), text, evidence.checkpoint, found.key, state));
        } catch (error) {
          note(error instanceof ProofError ? error.message : "proof", Bag.proofPath(index));
        }
      }
    } catch (error) {
      note(error instanceof ProofError ? error.message : "proof", "ledger/checkpoint");
    }
    const listed = hex(await sha256(encoder.encode(evidence.contents)));
    const told = new Set(contents.acts.map((act) => act.index));
    const commits = (facts) => Object.keys(facts).length === 2 && facts.contents === listed && facts.number === contents.number;
    for (const [index, record] of found.acts) {
      if (!found.packed && record && record.act === PACKED && commits(record.facts)) found.packed = { index, record };
      else if (!told.has(index)) note("other-act", Bag.proofPath(index));
      else if ((record === null) !== contents.erased.includes(index)) note("withheld", Bag.proofPath(index));
    }
    if (!found.packed) note("not-entered", Bag.CONTENTS);
    for (const index of told) if (!Object.hasOwn(evidence.proofs, index)) note("missing", Bag.proofPath(index));
    const files = new Map(contents.files.map((file) => [file.path, file]));
    const named = new Map();
    for (const [index, record] of found.acts) {
      const said = new Set(record ? texts(record.facts) : []);
      named.set(index, (file) => said.has(files.get(file).sha256));
      if (said.has(await digestUnder(contents, index, files))) named.set(index, () => true);
    }
    for (const each of contents.recordings) {
      const record = found.acts.get(each.act);
      if (!named.has(each.act) || !named.get(each.act)(each.file)) note("not-named", each.file);
      if (record !== undefined && !sameOrigin(contents.derived, record ? record.facts : {})) note("other-origin", each.file);
    }
    if (evidence.stamp !== null) {
      const imprint = await digest("SHA-512", encoder.encode(evidence.checkpoint));
      if (!includes(base64(evidence.stamp), imprint)) note("stamp", "ledger/stamp.tsr");
    }
    return found;
  }
  return { check, isNamedBy, hex, digest };
})();
