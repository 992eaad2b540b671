"""Evidence packages for tests: a ledger of a few acts on paper, real recordings, real signatures."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from rejent.evidence.contents import (
    ClockStatement,
    Missing,
    PackageContents,
    PlayableFile,
    Recording,
)
from rejent.evidence.targets import ArchiveTarget, FolderTarget
from rejent.evidence.verifier.command import check_path
from rejent.evidence.verifier.layout import LedgerPart
from rejent.evidence.verifier.package import Verdict
from rejent.evidence.writing import write_package
from rejent.formats.source import BytesSource
from rejent.kernel.intervals import Interval
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import canonical_record, commitment_of
from rejent.ledger.merkle import RightEdge, inclusion_proof, leaf_hash, node_hash
from rejent.ledger.proof import Proof
from rejent.ledger.signed.checkpoint import Checkpoint, sign_checkpoint
from rejent.ledger.signed.note import SignerKey

NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
KEY = SignerKey("rejent/urzad-probny", b"\x07" * 32)


@dataclass
class PaperLedger:
    """A ledger in memory, signed with a real key."""

    key: SignerKey = KEY
    records: list[str] = field(default_factory=list)
    salts: list[bytes] = field(default_factory=list)
    stamp: bytes | None = None
    erased: frozenset[int] = frozenset()
    """Acts whose record the office erased."""

    def enter(self, act: str, facts: Mapping[str, object], at: datetime = NOON) -> int:
        """Enter an act; its index."""
        record = canonical_record(
            act=act, actor="", subject="copy:1", at=at, facts=canonical_json(dict(facts))
        )
        self.records.append(record)
        self.salts.append(sha256(b"salt %d" % len(self.records)).digest())
        return len(self.records) - 1

    def part(self, indexes: list[int]) -> LedgerPart:
        """Sign the ledger as it stands and prove these acts."""
        leaves = [commitment_of(salt, record) for salt, record in zip(self.salts, self.records, strict=True)]
        hashes, size = [leaf_hash(leaf) for leaf in leaves], len(leaves)

        def node(level: int, position: int) -> bytes:
            if level == 0:
                return hashes[position]
            return node_hash(node(level - 1, 2 * position), node(level - 1, 2 * position + 1))

        root = RightEdge().appended(hashes).root()
        checkpoint = sign_checkpoint(Checkpoint(self.key.name, size, root), self.key)
        key = str(self.key.verifier)
        proofs = {}
        for at in indexes:
            kept = (None, None) if at in self.erased else (self.records[at], self.salts[at])
            path = tuple(inclusion_proof(at, size, node))
            proofs[at] = Proof(at, leaves[at], *kept, path, checkpoint, key).text()
        return LedgerPart(checkpoint, key, proofs, self.stamp)

    def seal(self, number: str, acts: list[int], at: datetime = NOON + timedelta(days=1)) -> Any:
        """What a writer calls with the digest of its list of contents."""

        def seal(digest: str) -> LedgerPart:
            packed = self.enter("evidence.packed", {"number": number, "contents": digest}, at)
            return self.part([*acts, packed])

        return seal


def both(polish: str, english: str = "") -> dict[str, str]:
    """A text of a package in its two languages."""
    return {"pl": polish, "en": english or f"{polish} (en)"}


@cache
def _movie() -> bytes:
    from tests.unit.retention.office import movie

    return movie(60, b"ZNAK")[0]


@dataclass
class Made:
    """A package that was written, with what it was made of."""

    path: Path
    ledger: PaperLedger
    contents: PackageContents

    @property
    def key(self) -> str:
        """The office's key, as it publishes it."""
        return str(self.ledger.key.verifier)

    def verdict(self, **stated: str) -> Verdict:
        """Check it as somebody who knows the office's key."""
        return check_path(self.path, **{"stated_key": self.key, **stated})


def camera_contents(ledger: PaperLedger, number: str = "K-2026-3", **changed: Any) -> PackageContents:
    """An hour of a camera of which two minutes are recorded, one was destroyed, and nothing is for the rest."""
    minute, content = timedelta(minutes=1), _movie()
    first, second, gone = (Interval(NOON + n * minute, NOON + (n + 1) * minute) for n in range(3))
    request = ledger.enter("case.entered", {"number": "W-2026-1"})
    copied = ledger.enter("copy.made", {"number": number, "sha256": sha256(content).hexdigest()})
    recordings = [
        Recording(f"hol-{n}.mp4", "video/mp4", when, BytesSource(content), sha256(content).digest(), copied)
        for n, when in enumerate((first, second), 1)
    ]
    contents = PackageContents(
        number=number,
        office="Urząd Miejski w Przykładowie",
        kind=both("Kamera", "Camera"),
        source="Hol na parterze",
        interval=Interval(NOON, NOON + timedelta(hours=1)),
        language="pl",
        made_at=NOON + timedelta(days=1),
        recordings=recordings,
        playable=[PlayableFile(each.name, each.media_type, each.interval) for each in recordings],
        gaps=[
            Missing(
                Interval(gone.end, NOON + timedelta(hours=1)),
                both("Kamera nie odpowiadała", "The camera did not answer"),
            )
        ],
        gone=[Missing(gone, both("Zniszczono po terminie, N-2026-4", "Destroyed after its term, N-2026-4"))],
        clock=ClockStatement(both("Zegar kamery spieszył się o 2,0 s, z dokładnością do 0,5 s."), 2000, 500),
        acts={request: both("Wpisano wniosek W-2026-1"), copied: both(f"Sporządzono kopię {number}")},
        label=b"%PDF-1.7 label",
        custody=b"%PDF-1.7 custody",
    )
    return replace(contents, **changed)


def packed(path: Path, ledger: PaperLedger | None = None, contents: PackageContents | None = None) -> Made:
    """Write a package of a camera to a folder, or to an archive where the name says so."""
    ledger = ledger or PaperLedger()
    contents = contents or camera_contents(ledger)
    target = ArchiveTarget(path) if path.suffix == ".zip" else FolderTarget(path)
    write_package(contents, target, ledger.seal(contents.number, list(contents.acts)))
    return Made(path, ledger, contents)
