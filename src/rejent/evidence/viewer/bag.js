"use strict";
// The files of a package that say nothing of their own, made anew from the list of contents and the ledger's part: as layout.py does.
const Bag = (() => {
  const CONTENTS = "data/contents.json";
  const encoder = new TextEncoder();
  const proofPath = (index) => `ledger/${String(index).padStart(12, "0")}.tlog-proof`;

  // Orders by code points, as the writer does; names of a package are ASCII.
  const sorted = (names) => [...names].sort((one, two) => (one < two ? -1 : one > two ? 1 : 0));

  const manifest = (digests) => {
    const lines = Object.entries(digests).map(([name, value]) => [value, name.replaceAll("%", "%25")]);
    return lines.sort(([, one], [, two]) => (one < two ? -1 : 1)).map((line) => `${line.join("  ")}\n`).join("");
  };

  const quoted = (text) =>
    JSON.stringify(text).replace(/[\u007f-\uffff<]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

  function embedded(evidence) {
    const proofs = sorted(Object.keys(evidence.proofs)).map((index) => `${quoted(index)}:${quoted(evidence.proofs[index])}`);
    const parts = [
      `"checkpoint":${quoted(evidence.checkpoint)}`,
      `"contents":${quoted(evidence.contents)}`,
      `"key":${quoted(evidence.key)}`,
      `"proofs":{${proofs.join(",")}}`,
      `"stamp":${evidence.stamp === null ? "null" : quoted(evidence.stamp)}`,
    ];
    return `"use strict";\nglobalThis.REJENT_EVIDENCE = {${parts.join(",")}};\n`;
  }

  // The bytes of every such file, by its path.
  async function texts(evidence, contents) {
    const written = encoder.encode(evidence.contents);
    const payload = contents.files.filter((file) => file.path.startsWith("data/"));
    const tags = contents.files.filter((file) => !file.path.startsWith("data/"));
    const size = payload.reduce((sum, file) => sum + file.bytes, written.length);
    const made = {
      "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
      "bag-info.txt":
        `Source-Organization: ${contents.office}\nExternal-Identifier: ${contents.number}\n` +
        `Bagging-Date: ${contents.made_at.slice(0, 10)}\nBag-Software-Agent: Rejent\nPayload-Oxum: ${size}.${payload.length + 1}\n`,
      "viewer/evidence.js": embedded(evidence),
      "ledger/checkpoint": evidence.checkpoint,
      "ledger/public-key": `${evidence.key}\n`,
    };
    for (const [index, text] of Object.entries(evidence.proofs)) made[proofPath(index)] = text;
    for (const name of ["sha256", "sha512"]) {
      const listed = Object.fromEntries(payload.map((file) => [file.path, file[name]]));
      listed[CONTENTS] = await hashed(name, written);
      made[`manifest-${name}.txt`] = manifest(listed);
    }
    const found = Object.fromEntries(Object.entries(made).map(([path, text]) => [path, encoder.encode(text)]));
    if (evidence.stamp !== null) found["ledger/stamp.tsr"] = Uint8Array.from(atob(evidence.stamp), (sign) => sign.charCodeAt(0));
    const last = {};
    for (const name of ["sha256", "sha512"]) {
      const listed = Object.fromEntries(tags.map((file) => [file.path, file[name]]));
      for (const [path, bytes] of Object.entries(found)) listed[path] = await hashed(name, bytes);
      last[`tagmanifest-${name}.txt`] = encoder.encode(manifest(listed));
    }
    return { ...found, ...last, [CONTENTS]: written };
  }

  const hashed = async (name, bytes) => Proofs.hex(await Proofs.digest(name === "sha256" ? "SHA-256" : "SHA-512", bytes));
  return { CONTENTS, proofPath, texts };
})();
