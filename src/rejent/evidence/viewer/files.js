"use strict";
// The check of the files themselves, in pieces whose hashes the list of contents holds, so that a large file needs no memory.
const Files = (() => {
  const CHUNK = 4 << 20;
  const AT_ONCE = 4;

  // Files of a chosen folder by their path in the package.
  function chosen(list) {
    const found = new Map();
    for (const file of list) found.set(file.webkitRelativePath.split("/").slice(1).join("/"), file);
    return found;
  }

  // Files of a folder that was dropped.
  async function dropped(items) {
    const found = new Map();
    const walk = async (entry, above) => {
      if (entry.isFile) {
        found.set(above + entry.name, await new Promise((done, failed) => entry.file(done, failed)));
        return;
      }
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((done, failed) => reader.readEntries(done, failed));
        if (!some.length) return;
        for (const each of some) await walk(each, `${above}${entry.name}/`);
      }
    };
    const roots = Array.from(items, (item) => item.webkitGetAsEntry()).filter(Boolean);
    for (const root of roots) await walk(root, "");
    const inside = roots.length === 1 && roots[0].isDirectory;
    return inside ? new Map(Array.from(found, ([path, file]) => [path.split("/").slice(1).join("/"), file])) : found;
  }

  async function holds(file, listed, progress) {
    if (file.size !== listed.bytes || listed.chunks.length !== Math.ceil(file.size / CHUNK)) return false;
    let next = 0;
    let sound = true;
    const work = async () => {
      while (sound && next < listed.chunks.length) {
        const at = next++;
        const bytes = await file.slice(at * CHUNK, (at + 1) * CHUNK).arrayBuffer();
        if (Proofs.hex(await Proofs.digest("SHA-256", bytes)) !== listed.chunks[at]) sound = false;
        progress(bytes.byteLength);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return sound;
  }

  // Findings about the files; `progress` is told the share that is done.
  async function check(files, evidence, contents, progress) {
    const texts = await Bag.texts(evidence, contents);
    const listed = new Map(contents.files.map((file) => [file.path, file]));
    const findings = [];
    const note = (code, what) => findings.push({ code, what });
    const total = contents.files.reduce((sum, file) => sum + file.bytes, 1);
    let done = 0;
    const step = (bytes) => progress((done += bytes) / total);
    for (const path of files.keys()) if (!listed.has(path) && !Object.hasOwn(texts, path)) note("unexpected", path);
    for (const [path, expected] of Object.entries(texts)) {
      const file = files.get(path);
      if (!file) note("missing", path);
      else if (file.size !== expected.length || !(await equal(file, expected))) note("changed", path);
    }
    for (const [path, entry] of listed) {
      const file = files.get(path);
      try {
        if (!file) note("missing", path);
        else if (!(await holds(file, entry, step))) note("changed", path);
      } catch {
        note("unreadable-file", path);
      }
    }
    progress(1);
    return findings;
  }

  async function equal(file, expected) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return bytes.every((byte, at) => byte === expected[at]);
  }
  return { chosen, dropped, check };
})();
