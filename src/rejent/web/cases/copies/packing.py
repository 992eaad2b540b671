"""The evidence package of a copy: what the books know of it, in the reader's words, as `rejent.evidence` takes it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from django.utils.translation import get_language, gettext, override

from rejent.cases import queries as cases
from rejent.cases.copies import queries, rules
from rejent.cases.copies.opening import parts_opener
from rejent.cases.copies.redaction import plan_digest
from rejent.cases.copies.stream_parts import COPIES, PlayableForm, playable_of, shown_of
from rejent.cases.copies.views import Absence, CopyView, Missing, PartView
from rejent.catalog import queries as catalog
from rejent.documents.papers import Report, ReportSection
from rejent.documents.rendering import render_pdf
from rejent.evidence.contents import (
    ClockStatement,
    Derivation,
    LazySource,
    PackageContents,
    PlayableFile,
    Recording,
    Words,
)
from rejent.evidence.contents import Missing as MissingTime
from rejent.evidence.errors import PackageRefusedError
from rejent.evidence.verifier.form import LANGUAGES
from rejent.formats.source import BytesSource, Source
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.queries import EnteredAct
from rejent.web.cases.copies.labels import label_paper
from rejent.web.registers.letterheads import fingerprint_facts, letterhead
from rejent.web.words.acts import Names, act_views
from rejent.web.words.states import cause_words
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.wording import moment_digits, span_digits

_CASE_ACTS = ("case.entered", "case.decided")
_COPY_ACTS = ("copy.made", "copy.renewed", "copy.handed-over")
_SEALED = ("segment.sealed", "segment.resealed")
_LISTED = frozenset({Absence.GAP, Absence.UNREADABLE, Absence.NOT_CHOSEN})
"""What a package lists as missing beside what was destroyed. Of time of which nothing is known it is silent: it is not complete then."""
_CLOCK_SLACK = timedelta(days=1)
"""By how much the clock that dated an act may have been behind the recording's."""
_ENDINGS = {"video/mp4": "mp4", "video/x-matroska": "mkv", "audio/x-matroska": "mka", "audio/wav": "wav", "audio/ogg": "ogg", "audio/mpeg": "mp3", "message/rfc822": "eml", "text/html": "html", "text/plain": "txt"}  # fmt: skip


def require_leaving(copy: CopyView) -> int:
    """Return the entry of a copy's making.

    Raises PackageRefusedError: it is not made yet, or is for a recorded person, who gets a derived one.
    """
    if copy.made_entry is None:
        raise PackageRefusedError("This copy is not made yet.", advice="Wait until it has a number.")
    if not copy.origin and rules.is_derived_alone(cases.case(copy.case)):
        raise PackageRefusedError(
            "Copy {number} is for a recorded person: what leaves is a copy derived from it, in which others are hidden.",
            number=copy.number,
            advice="Derive one, and pack that.",
        )
    return copy.made_entry


def package_contents(copy: CopyView, *, person: PersonView, clock: Clock) -> PackageContents:
    """Return what goes into the package of a copy, its content opened for whoever may make copies of its source.

    Raises AccessRefusedError: it is not this person's to open; CopyStateError: the copy is destroyed, or dying; PackageRefusedError: it is
    not made yet.
    """
    made = require_leaving(copy)
    opened = parts_opener(copy.number, person=person, clock=clock)
    recordings = [
        Recording(
            f"{copy.number}-{part.place:03}.{_ENDINGS.get(part.media_type, 'bin')}",
            part.media_type,
            part.interval,
            LazySource(partial(opened, part), part.bytes),
            bytes.fromhex(part.sha256),
            made,
        )
        for part in copy.parts
    ]
    entered = _proving_acts(copy)
    acts = _sentences(entered)
    gaps = [_missing_time(one) for one in copy.missing if one.why in _LISTED]
    gone = [_missing_time(one) for one in copy.missing if one.why is Absence.DESTROYED]
    statement = clock_statement(copy)
    return PackageContents(
        number=copy.number,
        office=office.verified_version(copy.version).name,
        kind=_in_each(lambda: str(WORDS.of(copy.source_kind).name)),
        source=copy.source_label,
        interval=copy.interval,
        language=_language(),
        made_at=clock.now(),
        recordings=recordings,
        playable=[
            _playable(
                each,
                shown_of(copy, part),
                playable_of(copy, part, opened(part)),
                COPIES.of(copy.source_kind).playable,
            )
            for each, part in zip(recordings, copy.parts, strict=True)
        ],
        gaps=gaps,
        gone=gone,
        clock=statement,
        acts=acts,
        erased=frozenset(each.index for each in entered if each.facts is None),
        derived=_derivation(copy),
        label=render_pdf(label_paper(copy, "a7")),
        custody=render_pdf(_custody(copy, recordings, [*gaps, *gone], acts, statement)),
    )


def _playable(
    recording: Recording,
    shown: Interval,
    made: Callable[[Source], bytes] | None,
    form: PlayableForm | None,
) -> PlayableFile:
    """Return what browsers play of a recording: itself, or a form of it beside it."""
    if form is None or made is None:
        return PlayableFile(recording.name, recording.media_type, shown)
    name = f"{recording.name.rpartition('.')[0]}.{_ENDINGS[form.media_type]}"
    content = LazySource(lambda: BytesSource(made(recording.content)))
    return PlayableFile(name, form.media_type, shown, content, recording.name)


def _language() -> str:
    return "pl" if (get_language() or "").startswith("pl") else "en"


def _in_each(said: Callable[[], str]) -> Words:
    """Return what is said in each language of packages."""
    words = {}
    for language in LANGUAGES:
        with override(language):
            words[language] = said()
    return words


def _proving_acts(copy: CopyView) -> list[EnteredAct]:
    """Return the acts that prove the copy; of the copy's own, one that was entered twice in the same words once."""
    acts = [*_cases_acts(copy), *(act for part in copy.parts for act in _sealings(copy, part))]
    if copy.origin:
        origin = queries.copy(copy.origin)
        acts += registers.entered_on(f"copy:{origin.id.hex}", ["copy.made"], committed_only=True)
    own = registers.entered_on(
        f"copy:{copy.id.hex}", [*_COPY_ACTS, *COPIES.of(copy.source_kind).acts], committed_only=True
    )
    newest = {each.sentence: each.index for each in act_views(own, links=False, names=Names())}
    kept = {*(each.index for each in acts), *newest.values()}
    return list({each.index: each for each in (*acts, *own) if each.index in kept}.values())


def _sentences(acts: Iterable[EnteredAct]) -> Mapping[int, Words]:
    """Return each act in the words of the register of actions, by its index."""
    told: dict[int, dict[str, str]] = {}
    for language in LANGUAGES:
        with override(language):
            for each in act_views(list(acts), links=False, names=Names()):
                told.setdefault(each.index, {})[language] = each.sentence
    return told


def _cases_acts(copy: CopyView) -> Iterator[EnteredAct]:
    handed = queries.hand_over(copy.number)
    named = {copy.case, *(each.case for each in copy.renewals), *([handed.case] if handed else [])}
    for case in sorted(named):
        for name in _CASE_ACTS:
            yield from registers.entered_naming(name, f'"{case}"')


def _sealings(copy: CopyView, part: PartView) -> Iterator[EnteredAct]:
    """Yield the sealings of the recording that a part was cut from, not of another one with the same content."""
    subject, since = f"source:{copy.source_id}", part.interval.start - _CLOCK_SLACK
    for name in _SEALED:
        for act in registers.entered_naming(name, part.from_sha256, subject=subject, since=since):
            if act.facts is not None and _is_of(act.facts, part):
                yield act


def _is_of(facts: Mapping[str, object], part: PartView) -> bool:
    """Return whether a sealing is of a part's recording: it names it, or, at first, the time that it shows."""
    if "segment" in facts:
        return facts["segment"] == str(part.segment)
    start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
    return start <= part.interval.start < end


def _derivation(copy: CopyView) -> Derivation | None:
    if not copy.origin:
        return None
    return Derivation(copy.origin, queries.copy(copy.origin).digest, plan_digest(copy.plan or {}))


def _missing_time(one: Missing) -> MissingTime:
    return MissingTime(one.interval, _in_each(partial(_why_missing, one)))


def _why_missing(one: Missing) -> str:
    words = {
        Absence.GAP: gettext("not recorded: %(cause)s"),
        Absence.DESTROYED: gettext("destroyed before the copy was made"),
        Absence.UNREADABLE: gettext("recorded, but it does not open"),
        Absence.NOT_CHOSEN: gettext("not chosen in the viewing"),
        Absence.UNKNOWN: gettext("nothing is known of it"),
    }
    return words[one.why] % {"cause": cause_words(one.cause)}


def _custody(
    copy: CopyView,
    recordings: list[Recording],
    missing: list[MissingTime],
    acts: Mapping[int, Words],
    clock: ClockStatement,
) -> Report:
    """Return the sheet of custody: what is in the package, what is not, and each act with its entry."""
    language = _language()
    title = gettext("Custody sheet of copy %(number)s") % {"number": copy.number}
    head = letterhead(
        title,
        made_at=copy.made_at or copy.begun_at,
        entry=copy.made_entry,
        office=office.verified_version(copy.version).name,
    )
    files = tuple(
        (each.name, f"{_in_file(shown_of(copy, part), each.interval)}, SHA-256 {each.sha256.hex()}")
        for each, part in zip(recordings, copy.parts, strict=True)
    )
    absent = tuple(
        (span_digits(one.interval.start, one.interval.end), one.cause[language]) for one in missing
    )
    entered = tuple(
        (gettext("Entry %(index)s") % {"index": index}, sentence[language])
        for index, sentence in sorted(acts.items())
    )
    return Report(
        head,
        (
            f"{copy.source_label}, {span_digits(copy.interval.start, copy.interval.end)}",
            clock.sentence[language],
            *(f"{name}: {digits}" for name, digits in fingerprint_facts()),
        ),
        (
            ReportSection(gettext("Recordings"), files, ""),
            ReportSection(gettext("Not in the copy"), absent, gettext("Nothing is missing.")),
            ReportSection(gettext("Acts"), entered, ""),
        ),
    )


def _in_file(shown: Interval, whole: Interval) -> str:
    """Return from when until when a file is shown, and what stands in it where that is more."""
    told = span_digits(shown.start, shown.end)
    if whole == shown:
        return told
    facts = {"span": told, "whole": span_digits(whole.start, whole.end)}
    return (
        gettext("%(span)s; in the file stands %(whole)s, since it is cut only where its format allows")
        % facts
    )


WAY_MS = 250
"""Allowed for the way of a source's clock report through the network of the office, which nobody measures."""
_OFFICE_STEPS = ("clock.ahead", "clock.behind")
_AROUND = timedelta(hours=1)


def clock_statement(copy: CopyView) -> ClockStatement:
    """Return the offset of the source's clock over the copy's time with its uncertainty, or that it is unknown.

    Beside it stands what the ledger says of the office's clock.
    """
    found = sorted(_measured(copy))
    words = _in_each(lambda: _clock_words(copy, len(found)))
    if not found:
        return ClockStatement(words)
    return ClockStatement(words, (found[0] + found[-1]) // 2, (found[-1] - found[0] + 1) // 2 + WAY_MS)


def _clock_words(copy: CopyView, measured: int) -> str:
    lines = [gettext("Times are of the office's clock.")]
    if measured:
        facts = {"n": measured, "all": len(copy.parts), "way": WAY_MS}
        words = gettext(
            "The source's own clock was compared (recordings: %(n)s of %(all)s); the uncertainty is half of the difference between the comparisons, and %(way)s ms for the network."
        )
        lines.append(words % facts)
    else:
        lines.append(gettext("How the source's own clock went at that time is unknown."))
    lines.append(_office_words(copy))
    return " ".join(lines)


def _measured(copy: CopyView) -> Iterator[int]:
    """Yield the offset in milliseconds that each recording of the copy was sealed with, where one was measured."""
    for part in copy.parts:
        segment = catalog.verified_segment(part.segment)
        offset = segment.traits.get("clock_offset_s") if segment is not None else None
        if isinstance(offset, int | float):
            yield round(offset * 1000)


def _office_words(copy: CopyView) -> str:
    """Return what the ledger says of the office's clock around that time; how far it was from official time nobody measured."""
    since, until = copy.interval.start - _AROUND, copy.interval.end + _AROUND
    steps = registers.acts(names=_OFFICE_STEPS, since=since, until=until).acts
    if not steps:
        return gettext(
            "No jump of the office's clock was entered within an hour of it; how far it was from official time was not measured."
        )
    times = ", ".join(moment_digits(act.at) for act in steps)
    return gettext("The office's clock jumped: %(times)s.") % {"times": times}
