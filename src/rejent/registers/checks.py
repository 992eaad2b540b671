"""The registers' part of ``fsck``: everything that the ledger claims is computed anew from the rows."""

from collections.abc import Iterable, Iterator
from itertools import pairwise, starmap

from django.db.models import Subquery

from rejent.kernel.errors import RejentError
from rejent.kernel.findings import Finding, run_checks
from rejent.ledger.errors import ProofInvalidError, TimestampInvalidError, TimestampUnavailableError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.log import TileAudit
from rejent.ledger.merkle import RightEdge, leaf_hash
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint
from rejent.ledger.signed.note import VerifierKey
from rejent.ledger.signed.timestamp import stamp_covers
from rejent.registers import models, queries
from rejent.registers.acts import ENTRY_ERASED
from rejent.registers.books.closing import altered
from rejent.registers.books.numbers import year_and_count
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.indexes import index_findings
from rejent.registers.guard.schema import foreign_code, guard_findings, schema_findings
from rejent.registers.models import Entry, Series, TreeHead

SUBJECT = "registers"
_CHUNK = 8192
_LONGEST_NUMBER = 40


def findings(place: LedgerLocation) -> Iterator[Finding]:
    """Everything that is wrong with the ledger.

    Recomputes each leaf from its record, the root, every checkpoint's root, and every tile; checks signatures, that
    stamps cover their checkpoints, that the witness saw a beginning of this ledger, that records are erased only by an
    act, that indexes hold what their tables hold, that the schema is the program's, and that the database still guards them. Acts entered meanwhile by others are left to the next check.
    """
    yield from run_checks(
        SUBJECT,
        {
            "indexes": index_findings,
            "schema": schema_findings,
            "ledger": lambda: _ledger(place),
            "lost": _not_accepted,
            "erasures": _erasures,
            "guards": lambda: guard_findings(SUBJECT),
            "code": foreign_code,
            "rows": lambda: unreadable_rows(SUBJECT),
            "closed years": _closed_years,
        },
    )


def _closed_years() -> Iterator[Finding]:
    """Yield each closed year that is not what was entered, or that keeps something else than was closed."""
    yield from guarded_rows(SUBJECT)
    yield from altered()


def _ledger(place: LedgerLocation) -> Iterator[Finding]:
    """Entries, head, tiles, checkpoints and what the witness keeps, held against each other."""
    key, published, kept = place.verifier(), None, None
    checkpoints = list(models.Checkpoint.objects.order_by("size"))
    head = _head()
    if key is not None:
        published, wrong = _opened(place.log.checkpoint(), key, None)
        yield from wrong
    elif checkpoints:
        yield _found("key", "The public key of the ledger is missing from its folder.")
    kept, wrong = _witnessed(place)
    yield from wrong
    if place.witness and key and checkpoints and kept is None and not wrong:
        yield _found("witness-empty", "The witness has kept no checkpoint of this ledger.")
    claims = [claim for claim in (published, kept) if claim is not None]
    for row in checkpoints:
        claim, wrong = _booked(row, key)
        yield from wrong
        claims.append(claim)
    yield from _Recount(place, head, published.size if published else 0).findings(claims)


def _head() -> queries.LedgerHead:
    """Return the head as stated; where it is damaged, one that matches no tree."""
    try:
        return queries.tree_head()
    except ProofInvalidError:
        return queries.LedgerHead(Entry.objects.count(), b"")


def numbering(series: str, used: Iterable[str]) -> Iterator[Finding]:
    """Yield gaps, doubles and numbers of a book that were never taken or are malformed.

    ``used`` is the number of every row that bears one, as it is written.
    """
    borne: dict[int, list[int]] = {}
    for written in used:
        try:
            year, number = year_and_count(written)
        except (TypeError, ValueError):
            named = str(written)[:_LONGEST_NUMBER]
            yield _found(
                "number-unreadable", "{number} is no number of {series}.", series=series, number=named
            )
        else:
            borne.setdefault(year, []).append(number)
    last = dict(Series.objects.filter(name=series).values_list("year", "last"))
    for year in sorted(borne.keys() | last.keys()):
        numbers = sorted(borne.get(year, []))
        facts = {"series": series, "year": year}
        if any(a == b for a, b in pairwise(numbers)):
            yield _found("number-twice", "Two rows of {series} bear one number of {year}.", **facts)
        taken = last.get(year, 0)
        if len(set(numbers)) != taken or (numbers and (numbers[0], numbers[-1]) != (1, taken)):
            yield _found(
                "number-gap",
                "The numbers of {series} in {year} have a gap or run past the last taken.",
                **facts,
            )


class _Recount:
    """One pass over all entries below the head."""

    def __init__(self, place: LedgerLocation, head: queries.LedgerHead, published: int) -> None:
        self._head = head
        self._edge = RightEdge()
        self._tiles = TileAudit(place.log, published)

    def findings(self, claims: list[Checkpoint]) -> Iterator[Finding]:
        """Recompute the roots of the head and of every signed size, and put them against what is stated."""
        roots: dict[int, bytes] = {}
        for size in sorted(
            {claim.size for claim in claims if claim.size <= self._head.size} | {self._head.size}
        ):
            yield from self._read_up_to(size)
            if self._edge.size < size:
                return
            roots[size] = self._edge.root()
        if roots[self._head.size] != self._head.root or _beyond_head():
            yield _found(
                "head", "The acts in the register do not give the root that the ledger's head states."
            )
        for claim in claims:
            if claim.size > self._head.size:
                yield _found(
                    "shortened",
                    "The ledger holds {held} entries, but a checkpoint was signed over {size}.",
                    held=self._head.size,
                    size=claim.size,
                )
            elif roots[claim.size] != claim.root:
                yield _found(
                    "forked",
                    "The acts do not give the root of the checkpoint over {size} entries.",
                    size=claim.size,
                )

    def _read_up_to(self, size: int) -> Iterator[Finding]:
        """Recompute the edge; stops short of ``size`` where an act is missing."""
        for start in range(self._edge.size, size, _CHUNK):
            end = min(size, start + _CHUNK)
            stored = Entry.objects.filter(pk__gte=start, pk__lt=end).order_by("pk")
            rows = list(starmap(queries.StoredEntry, stored.values_list(*queries.StoredEntry.__slots__)))
            if len(rows) != end - start:
                yield _found(
                    "entry-missing", "Acts are missing between {start} and {end}.", start=start, end=end
                )
                return
            for row in rows:
                yield from _leaf(row)
            leaves = [bytes(row.leaf) for row in rows]
            yield from self._tiles.check(leaves)
            self._edge = self._edge.appended(map(leaf_hash, leaves))


def _beyond_head() -> bool:
    return Entry.objects.filter(pk__gte=Subquery(TreeHead.objects.values("size")[:1])).exists()


def _leaf(row: queries.StoredEntry) -> Iterator[Finding]:
    if (row.facts is None) != (row.salt is None):
        yield _found("entry-halved", "Entry {index} has lost its record or its salt alone.", index=row.index)
    elif not queries.gives_leaf(row):
        yield _found(
            "entry-changed", "The record of entry {index} is not the one that was entered.", index=row.index
        )
    elif not queries.is_tagged(row):
        yield _found("entry-untagged", "Entry {index} was not entered by the program.", index=row.index)


def _not_accepted() -> Iterator[Finding]:
    for lost in queries.not_accepted():
        yield _found(
            "older-database",
            "Entries {first} to {last} were lost with an older database, and nobody has accepted that.",
            first=lost.start,
            last=lost.stop - 1,
        )


def _erasures() -> Iterator[Finding]:
    erased = set(Entry.objects.filter(act=ENTRY_ERASED.name).values_list("subject", flat=True))
    lost = queries.lost()
    for index in Entry.objects.filter(facts__isnull=True).order_by("pk").values_list("pk", flat=True):
        if any(index in stretch for stretch in lost):
            continue
        if f"entry:{index}" not in erased:
            yield _found(
                "entry-erased",
                "The record of entry {index} is gone without an act that erased it.",
                index=index,
            )


def _booked(row: models.Checkpoint, key: VerifierKey | None) -> tuple[Checkpoint, list[Finding]]:
    stated = Checkpoint(key.name if key else "", row.size, bytes(row.root))
    wrong: list[Finding] = []
    if key is not None:
        opened, wrong = _opened(row.note, key, row.size)
        if opened is not None and opened != stated:
            wrong.append(
                _found(
                    "checkpoint-row",
                    "The checkpoint over {size} entries is not what was signed.",
                    size=row.size,
                )
            )
    if row.token is not None and not _covers(bytes(row.token), row.note):
        wrong.append(
            _found(
                "stamp",
                "The time stamp does not belong to the checkpoint over {size} entries.",
                size=row.size,
            )
        )
    return stated, wrong


def _covers(token: bytes, note: str) -> bool:
    try:
        return stamp_covers(token, note.encode())
    except (TimestampInvalidError, TimestampUnavailableError):
        return False


def _opened(text: str | None, key: VerifierKey, size: int | None) -> tuple[Checkpoint | None, list[Finding]]:
    """Return a booked checkpoint, or the published one where no size is given."""
    if text is None:
        return None, []
    try:
        return open_checkpoint(text, key), []
    except RejentError:
        if size is None:
            return None, [_found("checkpoint", "The published checkpoint cannot be trusted.")]
        return None, [
            _found("checkpoint", "The checkpoint over {size} entries cannot be trusted.", size=size)
        ]


def _witnessed(place: LedgerLocation) -> tuple[Checkpoint | None, list[Finding]]:
    try:
        watcher = place.open_witness()
        return (watcher.last_checkpoint() if watcher else None), []
    except OSError:
        return None, [_found("witness-unreachable", "The witness's file cannot be read.")]
    except RejentError:
        return None, [_found("witness", "The witness contradicts the ledger.")]


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)
