"""Samples, reviews and weekly reports against the acts that the ledger holds of them; each sample is drawn again."""

import hashlib
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator

from rejent.access.acts import DIGEST_DESTROYED, DIGEST_MADE, SAMPLE_DRAWN, VIEWING_OPENED, VIEWING_REVIEWED
from rejent.access.models import Draw, Review, WeeklyDigest
from rejent.access.samples import CLOSES_AFTER, drawn, sample_size, seed
from rejent.access.weeks import Week, WeekRefusedError
from rejent.kernel.findings import Finding, run_checks
from rejent.ledger.commitment import commitment_of
from rejent.registers.queries import entered
from rejent.registers.replay import Entered, Facts, Replayed, against, compared, told
from rejent.registers.shapes import Shape, legible, text, texts, whole
from rejent.registers.states import acts_within, closing_state

_SUBJECT = "access"
_SHAPES: dict[str, Shape] = {
    SAMPLE_DRAWN.name: {"week": text, "size": whole, "root": text, "population": whole, "percent": whole,
                        "least": whole, "numbers": texts},
    VIEWING_REVIEWED.name: {"number": text, "outcome": text, "commitment": text},
    DIGEST_MADE.name: {"week": text, "sha256": text},
    DIGEST_DESTROYED.name: {"week": text, "sha256": text},
}  # fmt: skip


def findings() -> Iterator[Finding]:
    """Every sample, review or report that is not what was entered, and every sample that the lots did not give."""
    yield from compared(_SUBJECT, _samples, _reviews, _digests)
    yield from run_checks(_SUBJECT, {"lots": _lots})


def _lots() -> Iterator[Finding]:
    for act in legible(entered([SAMPLE_DRAWN.name], committed_only=True), _SHAPES, []):
        if act.facts is not None and not _by_lot(act.facts):
            yield Finding(
                _SUBJECT,
                f"{_SUBJECT}.sample-not-by-lot",
                "The sample of week {week} is not what its signed state draws.",
                {"week": act.facts["week"]},
            )


def _by_lot(said: Facts) -> bool:
    """Whether drawing again gives the same; what rests on records that were erased since is believed."""
    try:
        week = Week.read(str(said["week"]))
    except WeekRefusedError:
        return False
    state = closing_state(week.interval.end + CLOSES_AFTER)
    if state is None or (state.size, b64encode(state.root).decode()) != (said["size"], said["root"]):
        return False
    opened = list(
        acts_within((VIEWING_OPENED.name,), week.interval.start, week.interval.end, size=state.size)
    )
    if any(act.facts is None for act in opened):
        return True
    numbers = [str(act.facts["number"]) for act in opened if act.facts]
    count = sample_size(len(numbers), _number(said["percent"]), _number(said["least"]))
    return said["population"] == len(numbers) and said["numbers"] == drawn(
        numbers, seed(week, state.size, state.root), count
    )


def _number(fact: object) -> int:
    return fact if isinstance(fact, int) else 0


def _samples() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([SAMPLE_DRAWN.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += 1
        else:
            named = ("size", "population", "percent", "least", "numbers")
            stated.things[str(act.facts["week"])] = {
                **{name: act.facts[name] for name in named},
                "drawn": Entered(act.at),
            }
    rows = told(Draw.objects.prefetch_related("sampled"), _draw, stated)
    yield from against(_SUBJECT, "sample", stated, rows)


def _draw(row: Draw) -> tuple[str, Facts]:
    numbers = [one.number for one in sorted(row.sampled.all(), key=lambda one: one.pk)]
    shares = {"percent": row.percent, "least": row.least}
    counts = {"size": row.size, "population": row.population, **shares}
    return row.week, {**counts, "numbers": numbers, "drawn": row.at}


def _reviews() -> Iterator[Finding]:
    stated = Replayed()
    held: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
    for act in legible(entered([VIEWING_REVIEWED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += 1
            stated.unsure |= {"reviews", "made"}
        else:
            said = stated.things.setdefault(str(act.facts["number"]), {"reviews": [], "made": []})
            made = [act.actor, act.facts["outcome"], act.facts["commitment"]]
            said["reviews"] = [*_listed(said["reviews"]), made]
            said["made"] = [*_listed(said["made"]), Entered(act.at)]
    for number, review in told(Review.objects.select_related("sampled"), _review, stated):
        held[number].append((review["review"], review["made"]))
    rows: Iterator[tuple[str, Facts]] = (
        (number, {"reviews": [one for one, _ in found], "made": [at for _, at in found]})
        for number, found in held.items()
    )
    yield from against(_SUBJECT, "review", stated, rows)


def _review(row: Review) -> tuple[str, Facts]:
    commitment = commitment_of(bytes(row.salt), row.note).hex()
    return row.sampled.number, {"review": [row.by, row.outcome, commitment], "made": row.at}


def _listed(held: object) -> list[object]:
    return held if isinstance(held, list) else []


def _digests() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([DIGEST_MADE.name, DIGEST_DESTROYED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += act.act == DIGEST_MADE.name
            stated.unsure |= {"kept"}
        elif act.act == DIGEST_MADE.name:
            stated.things[str(act.facts["week"])] = {
                "sha256": act.facts["sha256"],
                "made": Entered(act.at),
                "kept": True,
            }
        else:
            stated.restate(str(act.facts["week"]), kept=False)
    yield from against(_SUBJECT, "digest", stated, told(WeeklyDigest.objects.all(), _digest, stated))


def _digest(row: WeeklyDigest) -> tuple[str, Facts]:
    intact = row.content is None or hashlib.sha256(bytes(row.content)).hexdigest() == row.sha256
    held = row.sha256 if intact else "-"
    return row.week, {"sha256": held, "made": row.made_at, "kept": row.content is not None}
