"""Ways to alter a package, each by its name: what somebody does to the files, and what the verifier must call it."""

import base64
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

from rejent.evidence.verifier.form import CHUNK
from rejent.evidence.verifier.layout import LedgerPart, bag_texts, proof_path
from rejent.ledger.canonical import canonical_json
from rejent.ledger.signed.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from rejent.ledger.signed.note import SignerKey, encode_base64, parse
from tests.packages import NOON, Made, PaperLedger, both

FORGER = SignerKey("rejent/urzad-probny", b"\x66" * 32)
Alter = Callable[[Path, Made], object]
KEY = PaperLedger().key
ORIGINAL, LABEL, CONTENTS = "data/originals/hol-1.mp4", "data/label.pdf", "data/contents.json"


def ledger_part(folder: Path) -> LedgerPart:
    """Read the ledger's part of a package as it stands."""
    proofs = {int(each.name[:12]): each.read_text() for each in folder.glob("ledger/*.tlog-proof")}
    key, stamp = (folder / "ledger/public-key").read_text().removesuffix("\n"), folder / "ledger/stamp.tsr"
    return LedgerPart((folder / "ledger/checkpoint").read_text(), key, proofs, stamp.read_bytes() if stamp.exists() else None)  # fmt: skip


def rewritten(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None, part: LedgerPart | None = None) -> None:  # fmt: skip
    """Change the list of contents, and make every list, digest and script fit what now lies there."""
    contents = json.loads((folder / CONTENTS).read_bytes())
    change(contents)
    for each in contents["files"]:
        content = (folder / each["path"]).read_bytes() if (folder / each["path"]).is_file() else b""
        chunks = [sha256(content[at : at + CHUNK]).hexdigest() for at in range(0, len(content), CHUNK)]
        each |= {"bytes": len(content), "sha256": sha256(content).hexdigest(), "sha512": sha512(content).hexdigest(), "chunks": chunks}  # fmt: skip
    written, part = canonical_json(contents).encode(), part or ledger_part(folder)
    for path, text in {
        **part.files(),
        **bag_texts(contents, written, part),
        CONTENTS: written,
    }.items():
        (folder / path).write_bytes(text)


def edited(name: str, change: Callable[[bytes], bytes]) -> Alter:
    """Edit a file."""
    return lambda folder, _: (folder / name).write_bytes(change((folder / name).read_bytes()))


def added(name: str, content: bytes = b"x") -> Alter:
    """Add a file."""

    def alter(folder: Path, _: Made) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return alter


def proof(change: Callable[[list[str]], list[str]], index: int = 1) -> Alter:
    """Change the lines of a proof."""
    return edited(proof_path(index), lambda text: "\n".join(change(text.decode().split("\n"))).encode())


def stated(**values: str) -> Alter:
    """Change what a proof states of its act."""
    return extra(lambda text: canonical_json(json.loads(text) | values))


def extra(change: Callable[[str], str], index: int = 1) -> Alter:
    """Change the text of what a proof states of its act."""

    def changed(lines: list[str]) -> list[str]:
        text = base64.b64decode(lines[1].removeprefix("extra ")).decode()
        return [lines[0], f"extra {encode_base64(change(text).encode())}", *lines[2:]]

    return proof(changed, index)


def withheld(text: str) -> str:
    """Leave out the record that a proof carries, with its salt."""
    return canonical_json(
        {name: value for name, value in json.loads(text).items() if name in {"key", "leaf"}}
    )


def then_fitted(alter: Alter) -> Alter:
    """Alter, and make all lists fit."""

    def both(folder: Path, made: Made) -> None:
        alter(folder, made)
        rewritten(folder)

    return both


def everywhere(name: str, old: Callable[[str], str], new: Callable[[str], str]) -> Alter:
    """Replace a text that follows from a file in that file and in every proof, and make all lists fit."""

    def alter(folder: Path, _: Made) -> None:
        text = (folder / name).read_text()
        for file in (folder / name, *folder.glob("ledger/*.tlog-proof")):
            file.write_text(file.read_text().replace(old(text), new(text)))
        rewritten(folder)

    return alter


def resealed(change: Callable[[dict[str, Any]], object], erased: frozenset[int] = frozenset()) -> Alter:
    """Change the list of contents and enter the change with the office's own key: what only the office can do, or who has its key."""

    def alter(folder: Path, made: Made) -> None:
        contents = json.loads((folder / CONTENTS).read_bytes())
        change(contents)
        ledger = PaperLedger(
            made.ledger.key, list(made.ledger.records), list(made.ledger.salts), erased=erased
        )
        record = {
            "number": contents["number"],
            "contents": sha256(canonical_json(contents).encode()).hexdigest(),
        }
        packed = ledger.enter("evidence.packed", record, NOON)
        for old in folder.glob("ledger/*.tlog-proof"):
            old.unlink()
        rewritten(folder, change, ledger.part([*range(2), packed]))

    return alter


def alter_record(facts: str) -> Alter:
    """Enter more facts of an act with the office's own key, as they are written."""

    def alter(folder: Path, made: Made) -> None:
        records = [made.ledger.records[0].replace('"number"', f'{facts},"number"'), *made.ledger.records[1:]]
        resealed(lambda _: None)(folder, replace(made, ledger=replace(made.ledger, records=records)))

    return alter


def within(*spans: tuple[str, str]) -> Callable[[dict[str, Any]], object]:
    """Say of an hour that these parts of it are missing, from the minute and second on of each to that of its end."""

    def change(contents: dict[str, Any]) -> None:
        gap = contents["gaps"][0]
        contents["gaps"] = [
            gap | {name: f"{gap['start'][:14]}{at}Z" for name, at in zip(("start", "end"), span, strict=True)}
            for span in spans
        ]

    return change


def nested(folder: Path, _: Made) -> None:
    """Put folders into each other, more than names are long."""
    at = os.open(folder, os.O_RDONLY)
    for _each in range(1200):
        os.mkdir("d", dir_fd=at)
        at, above = os.open("d", os.O_RDONLY, dir_fd=at), at
        os.close(above)
    os.close(at)


def nameless(folder: Path, _: Made) -> None:
    """Add a file whose name is no UTF-8."""
    Path(os.fsdecode(os.fsencode(folder) + b"/data/\xff\xfe.mp4")).write_bytes(b"x")


def fitted(change: Callable[[dict[str, Any]], object]) -> Alter:
    """Change the list of contents, and all lists with it."""
    return lambda folder, _: rewritten(folder, change)


def replaced_and_fitted(name: str, content: bytes) -> Alter:
    """Replace a file, and make all lists fit."""

    def alter(folder: Path, _: Made) -> None:
        (folder / name).write_bytes(content)
        rewritten(folder)

    return alter


def linked(name: str, target: str) -> Alter:
    """Put a link in a file's place."""

    def alter(folder: Path, _: Made) -> None:
        kept = folder.parent / "elsewhere"
        shutil.move(folder / name, kept)
        (folder / name).symlink_to(target or kept)

    return alter


def signed_by(key: SignerKey) -> Alter:
    """Sign the same state with another key, which the package then names."""

    def alter(folder: Path, _: Made) -> None:
        state = parse_checkpoint(parse((folder / "ledger/checkpoint").read_text()))
        old, part = (folder / "ledger/checkpoint").read_text(), ledger_part(folder)
        new = sign_checkpoint(Checkpoint(key.name, state.size, state.root), key)
        proofs = {index: text.replace(old, new) for index, text in part.proofs.items()}
        rewritten(folder, part=LedgerPart(new, str(key.verifier), proofs))

    return alter


def swapped(one: str, two: str) -> Alter:
    """Exchange two files."""

    def alter(folder: Path, _: Made) -> None:
        first, second = (folder / one).read_bytes(), (folder / two).read_bytes()
        (folder / one).write_bytes(second)
        (folder / two).write_bytes(first)

    return alter


def grown_checkpoint(folder: Path, made: Made) -> None:
    """Put a later state of the same ledger there, honestly signed."""
    ledger = PaperLedger(made.ledger.key, list(made.ledger.records), list(made.ledger.salts))
    ledger.enter("other.act", {})
    (folder / "ledger/checkpoint").write_text(ledger.part([]).checkpoint)


def foreign_proof(folder: Path, made: Made) -> None:
    """Put the proof of an act of another ledger of the same key in a proof's place, under its own name."""
    other = PaperLedger(made.ledger.key)
    other.enter("a.one", {})
    other.enter("a.two", {})
    (folder / proof_path(1)).write_text(other.part([1]).proofs[1])


def further_proof(folder: Path, made: Made) -> None:
    """Add an honest proof of an act that the package does not speak of."""
    part = ledger_part(folder)
    del made
    proofs = {**part.proofs, 7: part.proofs[0]}
    rewritten(folder, part=LedgerPart(part.checkpoint, part.key, proofs, part.stamp))


def device(folder: Path, _: Made) -> None:
    """Put a pipe there."""
    os.mkfifo(folder / "data/pipe")


NAMED: dict[str, tuple[Alter, str]] = {
    "file added to the payload": (added("data/other.mp4"), "unexpected"),
    "file added beside the payload": (added("note.txt"), "unexpected"),
    "file added in a new hidden folder": (added(".hidden/x"), "unexpected"),
    "file of the system added": (added("data/Thumbs.db"), "unexpected"),
    "script added to the page": (added("viewer/more.js"), "unexpected"),
    "recording cut short": (edited(ORIGINAL, lambda old: old[:-1]), "changed"),
    "recording longer": (edited(ORIGINAL, lambda old: old + b"\0"), "changed"),
    "recording emptied": (edited(ORIGINAL, lambda _: b""), "changed"),
    "label and custody sheet exchanged": (swapped(LABEL, "data/custody.pdf"), "changed"),
    "label of another copy": (edited(LABEL, lambda _: b"%PDF-1.7 other label"), "changed"),
    "label of another copy, lists fitted": (replaced_and_fitted(LABEL, b"%PDF other"), "not-entered"),
    "recording replaced, lists fitted": (replaced_and_fitted(ORIGINAL, b"film"), "not-named"),
    "page replaced, lists fitted": (replaced_and_fitted("index.html", b"<p>fine</p>"), "not-entered"),
    "verifier replaced": (edited("verify.py", lambda _: b"print('fine')"), "changed"),
    "verifier replaced, lists fitted": (replaced_and_fitted("verify.py", b"print()"), "not-entered"),
    "description replaced": (edited("data/ro-crate-metadata.json", lambda _: b"{}"), "changed"),
    "new number, lists fitted": (fitted(lambda each: each.update(number="K-2026-4")), "not-entered"),
    "another source, lists fitted": (fitted(lambda each: each.update(source="Sala")), "not-entered"),
    "gap left out, lists fitted": (fitted(lambda each: each.update(gaps=[])), "not-entered"),
    "cause of a gap changed, lists fitted": (fitted(lambda each: each["gaps"][0].update(cause=both("Burza"))), "not-entered"),
    "interval shortened, lists fitted": (fitted(lambda each: each["interval"].update(end=each["recordings"][1]["end"])), "not-entered"),
    "clock statement changed, lists fitted": (fitted(lambda each: each["clock"].update(offset_ms=0)), "not-entered"),
    "time of making changed, lists fitted": (fitted(lambda each: each.update(made_at="2026-01-01T00:00:00.000000Z")), "not-entered"),
    "act left out, lists fitted": (fitted(lambda each: each["acts"].pop(0)), "other-act"),
    "act invented, lists fitted": (fitted(lambda each: each["acts"].append({"index": 9, "sentence": both("Zgoda")})), "missing"),
    "recording under another act, lists fitted": (fitted(lambda each: each["recordings"][0].update(act=0)), "not-named"),
    "recording left out, lists fitted": (fitted(lambda each: each["recordings"].pop()), "not-entered"),
    "file listed twice, lists fitted": (fitted(lambda each: each["files"].append(each["files"][0])), "contents-form"),
    "path out of the package, lists fitted": (fitted(lambda each: each["files"].append({"path": "data/../../x"})), "path"),
    "hidden path, lists fitted": (fitted(lambda each: each["files"].append({"path": "data/.x"})), "contents-form"),
    "contents of another form": (edited(CONTENTS, lambda _: b"[]"), "contents-form"),
    "contents no JSON": (edited(CONTENTS, lambda _: b"{"), "contents-form"),
    "contents nested absurdly": (edited(CONTENTS, lambda _: b'{"a":' * 100_000), "contents-form"),
    "contents with a name twice": (edited(CONTENTS, lambda old: b'{"number":"K-1",' + old[1:]), "contents-form"),
    "contents with numbers for texts": (edited(CONTENTS, lambda old: old.replace(b'"gaps":[', b'"gaps":7,"x":[')), "contents-form"),
    "proofs exchanged": (swapped(proof_path(0), proof_path(1)), "other-act"),
    "proof of another act of another state": (foreign_proof, "other-checkpoint"),
    "proof more than acts": (further_proof, "other-act"),
    "record in a proof changed": (stated(record='{"act":"copy.made","facts":{}}'), "record"),
    "salt in a proof changed": (stated(salt=encode_base64(b"\1" * 32)), "record"),
    "salt of another length": (stated(salt=encode_base64(b"\1" * 31)), "record"),
    "leaf in a proof changed": (stated(leaf=encode_base64(b"\1" * 32)), "inclusion"),
    "more stated in a proof": (stated(more="x"), "proof"),
    "path of a proof shortened": (proof(lambda lines: [*lines[:3], *lines[4:]]), "inclusion"),
    "path of a proof lengthened": (proof(lambda lines: [*lines[:3], lines[3], *lines[3:]]), "inclusion"),
    "index in a proof changed": (proof(lambda lines: [*lines[:2], "index 2", *lines[3:]]), "inclusion"),
    "index in a proof absurd": (proof(lambda lines: [*lines[:2], f"index {10**18}", *lines[3:]]), "proof"),
    "member in a proof twice": (extra(lambda text: '{"key":"x",' + text[1:]), "json"),
    "member in a proof twice, lists fitted": (then_fitted(extra(lambda text: text[:-1] + "," + text[1:])), "json"),
    "more stated in a proof, lists fitted": (then_fitted(stated(more="x")), "proof"),
    "blank in what a proof states, lists fitted": (then_fitted(extra(lambda text: text.replace(":", ": ", 1))), "proof"),
    "blank before a proof's key, lists fitted": (then_fitted(extra(lambda text: text.replace('"key":"', '"key":" '))), "proof"),
    "record taken out of a proof, lists fitted": (then_fitted(extra(withheld, 0)), "withheld"),
    "second line of signature, lists fitted": (everywhere("ledger/checkpoint", lambda text: text, lambda text: text + text.splitlines()[-1].replace("urzad", "swiadek") + "\n"), "checkpoint"),
    "line of signature twice, lists fitted": (everywhere("ledger/checkpoint", lambda text: text, lambda text: text + text.splitlines()[-1] + "\n"), "checkpoint"),
    "blank before the key, lists fitted": (replaced_and_fitted("ledger/public-key", f" {KEY.verifier}\n".encode()), "key"),
    "blank behind the key, lists fitted": (replaced_and_fitted("ledger/public-key", f"{KEY.verifier} \n".encode()), "key"),
    "proof no text": (edited(proof_path(1), lambda _: b"\xff\xfe"), "ledger-text"),
    "later state of the ledger": (grown_checkpoint, "other-checkpoint"),
    "size in the checkpoint changed": (edited("ledger/checkpoint", lambda old: old.replace(b"\n3\n", b"\n4\n")), "signature"),
    "checkpoint with a million signatures": (edited("ledger/checkpoint", lambda old: old + old.splitlines()[-1] + b"\n" * 1_000_000), "checkpoint"),
    "checkpoint larger than any": (lambda folder, _: os.truncate(folder / "ledger/checkpoint", 65 << 20), "too-large"),
    "key of a forger": (edited("ledger/public-key", lambda _: str(FORGER.verifier).encode()), "signature"),
    "key no key": (edited("ledger/public-key", lambda _: b"key"), "key"),
    "stamp invented": (added("ledger/stamp.tsr", b"0 stamp"), "stamp"),
    "texts of the page of another package": (edited("viewer/evidence.js", lambda old: old.replace(b"Hol", b"Bar")), "changed"),
    "line of a list led outside": (edited("manifest-sha256.txt", lambda old: old + b"0" * 64 + b"  ../../etc/passwd\n"), "path"),
    "line of a list absolute": (edited("manifest-sha512.txt", lambda old: old + b"0" * 128 + b"  /etc/passwd\n"), "path"),
    "line of a list twice": (edited("manifest-sha256.txt", lambda old: old + old.splitlines()[0] + b"\n"), "twice"),
    "line of a list longer than any": (edited("manifest-sha256.txt", lambda _: b"0" * 1_000_000), "bag-line"),
    "list in another encoding": (edited("manifest-sha256.txt", lambda old: old.decode().encode("utf-16")), "bag-encoding"),
    "list of an unknown algorithm": (added("manifest-crc32.txt", b""), "bag-algorithm"),
    "weaker list added": (added("manifest-md5.txt", b""), "unlisted"),
    "list of things to fetch": (added("fetch.txt", b"http://x/ - data/more\n"), "unexpected"),
    "older version of bags": (edited("bagit.txt", lambda old: old.replace(b"1.0", b"0.97")), "changed"),
    "unknown version of bags": (edited("bagit.txt", lambda old: old.replace(b"1.0", b"9.9")), "bag-declaration"),
    "name in another case added": (added("data/Label.pdf"), "unexpected"),
    "name out of composed letters added": (added("data/ł\u0301.pdf"), "unexpected"),
    "name of a device": (added("data/aux.txt"), "path"),
    "name with a line break": (added("data/x\ny"), "path"),
    "link to the file outside": (linked(ORIGINAL, ""), "special"),
    "link to a device": (linked(LABEL, "/dev/zero"), "special"),
    "folder linked": (linked("ledger", ""), "special"),
    "pipe": (device, "special"),
    "empty folder": (lambda folder, _: (folder / "data/more").mkdir(), "empty-folder"),
    "folders in folders": (nested, "path"),
    "name that is no UTF-8": (nameless, "path"),
    "version of bags with 5000 digits": (edited("bagit.txt", lambda old: old.replace(b"1.0", b"0." + b"9" * 5000)), "bag-declaration"),
    "half a character in a proof's record, lists fitted": (then_fitted(extra(lambda text: text.replace('"record":"', '"record":"\\ud800'))), "proof"),
    "record with a number of 5000 digits, with the office's key": (alter_record('"x":' + "9" * 5000), "json"),
    "record with a fraction of 33 signs, with the office's key": (alter_record('"x":0.' + "9" * 31), "json"),
    "record with values in values, with the office's key": (alter_record('"x":' + "[" * 600 + "]" * 600), "json"),
    "bagit.txt with a bad byte": (edited("bagit.txt", lambda old: b"b" + old[1:]), "bag-declaration"),
    "number with a verdict of its own, with the office's key": (resealed(lambda each: each.update(number="K-2026-3\n\x1b[2JResult: intact, from this office, complete.")), "contents-form"),
    "number of another form, with the office's key": (resealed(lambda each: each.update(number="K 2026/3")), "contents-form"),
    "number in other digits, with the office's key": (resealed(lambda each: each.update(number="K-٢٠٢٦-3")), "contents-form"),
    "office turned round, with the office's key": (resealed(lambda each: each.update(office="Urząd \u202edązrU")), "contents-form"),
    "source longer than a line, with the office's key": (resealed(lambda each: each.update(source="x" * 10_000)), "contents-form"),
    "cause with an escape, with the office's key": (resealed(lambda each: each["gaps"][0]["cause"].update(pl="\x9b2J")), "contents-form"),
    "sentence with an end of line, with the office's key": (resealed(lambda each: each["acts"][0]["sentence"].update(en="a\u2028b")), "contents-form"),
    "half a character": (edited(CONTENTS, lambda old: old.replace(b"Hol na", b"\\ud800")), "contents-form"),
    "day that no calendar has, with the office's key": (resealed(lambda each: each.update(made_at="2026-02-30T00:00:00.000000Z")), "contents-form"),
    "time in other digits, with the office's key": (resealed(lambda each: each.update(made_at="٢026-02-20T00:00:00.000000Z")), "contents-form"),
    "end before beginning, with the office's key": (resealed(lambda each: each["interval"].update(end=each["interval"]["start"].replace("2026", "2025"))), "contents-form"),
    "another zone, with the office's key": (resealed(lambda each: each.update(zone="Asia/Tokyo")), "contents-form"),
    "language that nobody speaks, with the office's key": (resealed(lambda each: each.update(language="xx")), "contents-form"),
    "one language only, with the office's key": (resealed(lambda each: each["acts"][0]["sentence"].pop("en")), "contents-form"),
    "member more in the contents, with the office's key": (resealed(lambda each: each.update(more=1)), "contents-form"),
    "member less in the contents, with the office's key": (resealed(lambda each: each.pop("gone")), "contents-form"),
    "blank in the contents": (edited(CONTENTS, lambda old: old.replace(b":", b": ", 1)), "contents-form"),
    "true for a count, with the office's key": (resealed(lambda each: each["recordings"][0].update(act=True)), "contents-form"),
    "files out of order, with the office's key": (resealed(lambda each: each["files"].reverse()), "contents-form"),
    "acts out of order, with the office's key": (resealed(lambda each: each["acts"].reverse()), "contents-form"),
    "erased though it is there, with the office's key": (resealed(lambda each: each.update(erased=[0])), "withheld"),
    "erased though it is no act of the package, with the office's key": (resealed(lambda each: each.update(erased=[9])), "contents-form"),
    "erased and not said, with the office's key": (resealed(lambda _: None, frozenset({0})), "withheld"),
}  # fmt: skip

SOUND: dict[str, Alter] = {
    "untouched": lambda _folder, _made: None,
    "lists made anew": lambda folder, _: rewritten(folder),
    "entered anew with the office's key": resealed(lambda _: None),
    "erased and said so": resealed(lambda each: each.update(erased=[0]), frozenset({0})),
    "record with a number of 32 signs and with a hundred values in values": alter_record(
        '"x":' + "9" * 32 + ',"y":' + "[" * 98 + "]" * 98
    ),
    "hole of half a second to the microsecond": resealed(
        within(("03:00.000000", "04:00.000700"), ("04:00.500700", "59:59.500000"))
    ),
    "clock unknown": resealed(lambda each: each["clock"].update(offset_ms=None, uncertainty_ms=None)),
    "no sentence shorter than it was": resealed(
        lambda each: each["acts"][0]["sentence"].update(pl="Zażółć \U0001f4f7 „gęślą”")
    ),
}
"""What is done to a package, or with it by the office, that leaves it sound."""
SILENT: dict[str, Alter] = {
    "hole of half a second and a microsecond": resealed(
        within(("03:00.000000", "04:00.000700"), ("04:00.500701", "59:59.999999"))
    ),
    "hole of half a second and a microsecond at the end": resealed(within(("03:00.000000", "59:59.499999"))),
}
"""What the office enters that leaves a package intact, and not complete."""
UNSEEN = {
    "link to the file outside", "empty folder", "folders in folders", "name that is no UTF-8", "page replaced, lists fitted",
}  # fmt: skip
"""What a browser does not show of a chosen folder (that a file is a link, folders without files, names that it cannot read), and a page that
is no longer the office's: it says what its author likes, as every page tells its reader."""
