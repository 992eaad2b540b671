"""Samples, reviews and weekly reports against the acts that the ledger holds of them; each sample is drawn again."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator

from rejent.access.acts import DIGEST_DESTROYED, DIGEST_MADE, SAMPLE_DRAWN, VIEWING_OPENED, VIEWING_REVIEWED
from rejent.access.models import Draw, Review, WeeklyDigest
from rejent.access.samples import CLOSES_AFTER, drawn, sample_size, seed
from rejent.access.weeks import Week, WeekRefusedError
from rejent.kernel.findings import Finding
from rejent.ledger.commitment import committed
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Facts, Replayed, against, lasting
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
    yield from lasting(_samples)
    yield from lasting(_reviews)
    yield from lasting(_digests)
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
            stated.things[str(act.facts["week"])] = {name: act.facts[name] for name in named}
    rows = Draw.objects.prefetch_related("sampled").order_by("pk")
    yield from against(_SUBJECT, "sample", stated, ((row.week, _draw(row)) for row in rows))


def _draw(row: Draw) -> Facts:
    numbers = [one.number for one in sorted(row.sampled.all(), key=lambda one: one.pk)]
    shares = {"percent": row.percent, "least": row.least}
    return {"size": row.size, "population": row.population, **shares, "numbers": numbers}


def _reviews() -> Iterator[Finding]:
    stated, held = Replayed(), dict[str, list[object]]()
    for act in legible(entered([VIEWING_REVIEWED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += 1
            stated.unsure |= {"reviews"}
        else:
            told = stated.things.setdefault(str(act.facts["number"]), {"reviews": []})["reviews"]
            if isinstance(told, list):
                told.append(_told(act))
    for row in Review.objects.select_related("sampled").order_by("pk"):
        made = (row.by, row.outcome, committed(bytes(row.salt), row.note).hex())
        held.setdefault(row.sampled.number, []).append(made)
    rows = ((number, {"reviews": found}) for number, found in held.items())
    yield from against(_SUBJECT, "review", stated, rows)


def _told(act: EnteredAct) -> tuple[object, ...]:
    facts = act.facts or {}
    return act.actor, facts["outcome"], facts["commitment"]


def _digests() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([DIGEST_MADE.name, DIGEST_DESTROYED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += act.act == DIGEST_MADE.name
            stated.unsure |= {"kept"}
        elif act.act == DIGEST_MADE.name:
            stated.things[str(act.facts["week"])] = {"sha256": act.facts["sha256"], "kept": True}
        else:
            stated.restate(str(act.facts["week"]), kept=False)
    yield from against(_SUBJECT, "digest", stated, map(_digest, WeeklyDigest.objects.order_by("pk")))


def _digest(row: WeeklyDigest) -> tuple[str, Facts]:
    held = row.sha256 if row.content is None else hashlib.sha256(bytes(row.content)).hexdigest()
    return row.week, {"sha256": held, "kept": row.content is not None}
