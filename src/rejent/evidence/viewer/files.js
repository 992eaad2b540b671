"use strict";
// The check of the files themselves, in pieces whose hashes the list of contents holds, so that a large file needs no memory.
const Files = (() => {
  const AT_ONCE = 4;
  const WHOLE = 64 << 20; // a minute of a camera has some 30 MB

  // Files of a chosen folder by their path in the package.
  function chosen(list) {
    const found = new Map();
    for (const file of list) found.set(file.webkitRelativePath.split("/").slice(1).join("/"), file);
    return { files: found, empty: [] };
  }

  // Files of a folder that was dropped, and the folders in it that are empty, which a chosen folder does not show.
  async function dropped(items) {
    const found = new Map();
    const empty = [];
    const walk = async (entry, above) => {
      if (entry.isFile) {
        found.set(above + entry.name, await new Promise((done, failed) => entry.file(done, failed)));
        return;
      }
      const reader = entry.createReader();
      for (let first = true; ; first = false) {
        const some = await new Promise((done, failed) => reader.readEntries(done, failed));
        if (!some.length && first && above) empty.push(`${above}${entry.name}/`);
        if (!some.length) return;
        for (const each of some) await walk(each, `${above}${entry.name}/`);
      }
    };
    const roots = Array.from(items, (item) => item.webkitGetAsEntry()).filter(Boolean);
    for (const root of roots) await walk(root, "");
    const inside = roots.length === 1 && roots[0].isDirectory;
    const from = (path) => (inside ? path.split("/").slice(1).join("/") : path);
    return { files: new Map(Array.from(found, ([path, file]) => [from(path), file])), empty: empty.map(from) };
  }

  // Whether a file is the listed one: by its pieces, and, unless it is larger than memory should hold at once, as a whole.
  async function holds(file, listed, progress) {
    if (file.size !== listed.bytes) return false;
    if (file.size > WHOLE) return inPieces(file, listed, progress);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const found = listed.chunks.map((_, at) => hashed("SHA-256", bytes.subarray(at * Forms.CHUNK, (at + 1) * Forms.CHUNK)));
    const digests = await Promise.all([hashed("SHA-256", bytes), hashed("SHA-512", bytes), ...found]);
    progress(bytes.byteLength);
    return [listed.sha256, listed.sha512, ...listed.chunks].every((digest, at) => digest === digests[at]);
  }

  const hashed = async (name, bytes) => Proofs.hex(await Proofs.digest(name, bytes));

  async function inPieces(file, listed, progress) {
    let next = 0;
    let sound = true;
    const work = async () => {
      while (sound && next < listed.chunks.length) {
        const at = next++;
        const bytes = await file.slice(at * Forms.CHUNK, (at + 1) * Forms.CHUNK).arrayBuffer();
        if ((await hashed("SHA-256", bytes)) !== listed.chunks[at]) sound = false;
        progress(bytes.byteLength);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return sound;
  }

  // Findings about the files, and those that are as they were listed; `progress` is told the share that is done. Once `signal` is aborted, nobody reads the answer.
  async function check({ files, empty }, evidence, contents, signal, progress) {
    const texts = await Bag.texts(evidence, contents);
    const listed = new Map(contents.files.map((file) => [file.path, file]));
    const findings = [];
    const sound = new Map();
    const note = (code, what) => findings.push({ code, what });
    const total = contents.files.reduce((sum, file) => sum + file.bytes, 1);
    let done = 0;
    const step = (bytes) => progress((done += bytes) / total);
    for (const path of empty) note("empty-folder", path);
    for (const path of files.keys()) if (!listed.has(path) && !Object.hasOwn(texts, path)) note("unexpected", path);
    for (const [path, expected] of Object.entries(texts)) {
      const file = files.get(path);
      if (!file) note("missing", path);
      else if (file.size !== expected.length || !(await equal(file, expected))) note("changed", path);
    }
    for (const [path, entry] of listed) {
      if (signal.aborted) break;
      const file = files.get(path);
      try {
        if (!file) note("missing", path);
        else if (await holds(file, entry, step)) sound.set(path, file);
        else note("changed", path);
      } catch {
        note("unreadable-file", path);
      }
    }
    progress(1);
    return { findings, sound };
  }

  async function equal(file, expected) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return bytes.every((byte, at) => byte === expected[at]);
  }
  return { chosen, dropped, check };
})();
