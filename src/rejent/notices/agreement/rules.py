"""Where plates, inventory, regulation and what is published differ: pure, each difference with its rule and who must act."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rejent.kernel.sentences import Sentence
from rejent.notices.plates.rules import marks, names_of, same_area
from rejent.notices.plates.views import Condition, PlateView
from rejent.notices.publication.views import PUBLISHED, PublicationView
from rejent.office.regulation import law
from rejent.office.regulation.law import Rule
from rejent.office.regulation.provisions import StreamRules
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.office.views import PlaceView

TRANSPARENCY = Rule(
    "gdpr-12-1",
    "art. 12 ust. 1 RODO",
    "w zwięzłej, przejrzystej, zrozumiałej i łatwo dostępnej formie",
    "People are told of the processing truly, clearly, and where they find it.",
)
HANG, PUBLISH, LOAD = "enter-plate", "publish-notices", "load-regulation"
"""Acts of administration of those who must act."""


class Kind(StrEnum):
    """A way in which two of them differ."""

    PLACE_UNMARKED = "place-unmarked"
    PLATE_NAMES_UNKNOWN = "plate-names-unknown"
    PLATE_NOT_IN_REGULATION = "plate-not-in-regulation"
    PLATE_OUTDATED = "plate-outdated"
    PLATE_DAMAGED = "plate-damaged"
    PLATE_MISSING = "plate-missing"
    SOURCE_NOT_IN_REGULATION = "source-not-in-regulation"
    AREA_WITHOUT_SOURCE = "area-without-source"
    PUBLICATION_MISSING = "publication-missing"
    PUBLICATION_OUTDATED = "publication-outdated"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference. ``act`` is the act of administration of whoever must act; ``since``: as far as the program knows; ``place`` is unmarked, ``channel`` lacks a publication."""

    kind: Kind
    stream: str
    sentence: Sentence
    rule: Rule
    act: str
    since: date | None = None
    plate: str = ""
    publication: str = ""
    place: int | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that is compared about one stream on a day.

    ``is_marked``: the law demands that its places are marked; ``covered``: places that its sources cover, each with the day of the first of
    them that is there; ``plate_digests``: of the plates that should hang, by their buildings; empty while none can be made; ``area_names``:
    names that the documents of today give its areas; ``edition``: the digest of what is to be published about it today; empty
    while nothing can be made.
    """

    stream: str
    day: date
    rules: StreamRules
    version: int
    in_force_from: date
    is_marked: bool
    covered: Mapping[PlaceView, date]
    known: Collection[PlaceView]
    plates: Sequence[PlateView]
    plate_digests: Mapping[str, frozenset[str]]
    area_names: Collection[str]
    edition: str
    publications: Sequence[PublicationView]


def differences(comparison: Comparison) -> Iterator[Difference]:
    """Yield every difference about a stream, what keeps cameras from being recorded first."""
    if comparison.is_marked:
        yield from _unmarked(comparison)
    for plate in comparison.plates:
        yield from _of_plate(plate, comparison)
    yield from _of_regulation(comparison)
    yield from _of_publications(comparison)


def _unmarked(comparison: Comparison) -> Iterator[Difference]:
    hanging = [plate for plate in comparison.plates if plate.stands(comparison.day)]
    for place, since in sorted(comparison.covered.items(), key=lambda each: (each[0].building, each[0].name)):
        if any(marks(plate, place) for plate in hanging):
            continue
        facts = {"place": f"{place.building}, {place.name}"}
        near = ", ".join(plate.number for plate in hanging if plate.building == place.building)
        sentence = Sentence("No plate marks {place}, which a source covers.", facts)
        if near:
            template = (
                "No plate marks {place}, which a source covers; {plates} in the building do not name it."
            )
            sentence = Sentence(template, {**facts, "plates": near})
        yield Difference(
            Kind.PLACE_UNMARKED, comparison.stream, sentence, law.MARKING, HANG, since, place=place.id
        )


def _of_plate(plate: PlateView, comparison: Comparison) -> Iterator[Difference]:
    def differs(kind: Kind, template: str, since: date | None = None, **facts: str | int) -> Difference:
        sentence = Sentence(template, {"plate": plate.number, "where": plate.where, **facts})
        return Difference(kind, comparison.stream, sentence, law.MARKING, HANG, since, plate=plate.number)

    looked = plate.checked_at.date() if plate.checked_at else None
    if plate.condition is Condition.MISSING:
        yield differs(
            Kind.PLATE_MISSING, "Plate {plate} ({where}) was not there when somebody looked.", looked
        )
        return
    if plate.condition is Condition.DAMAGED:
        yield differs(Kind.PLATE_DAMAGED, "Plate {plate} ({where}) cannot be read as a whole.", looked)
    since = plate.up_since or plate.entered_at.date()
    for area in plate.areas:
        known = _is_known(area, comparison)
        listed = not comparison.rules.places.areas or _is_listed(area, comparison)
        if not known and not listed:
            template = "Plate {plate} ({where}) names “{area}”: no source covers it, and the regulation does not list it."
            yield differs(Kind.PLATE_NAMES_UNKNOWN, template, since, area=area)
        elif not known:
            template = "Plate {plate} ({where}) names “{area}”, which is no place that a source covers."
            yield differs(Kind.PLATE_NAMES_UNKNOWN, template, since, area=area)
        elif not listed:
            template = "Plate {plate} ({where}) names “{area}”, which the regulation does not list."
            yield differs(Kind.PLATE_NOT_IN_REGULATION, template, since, area=area)
    yield from _outdated(plate, comparison, differs)


def _outdated(
    plate: PlateView, comparison: Comparison, differs: Callable[..., Difference]
) -> Iterator[Difference]:
    current = comparison.plate_digests.get(plate.building, frozenset())
    if plate.digest and plate.digest in current:
        return
    older = plate.version < comparison.version
    if older:
        yield differs(
            Kind.PLATE_OUTDATED,
            "Plate {plate} ({where}) was made from version {old} of the regulation; version {new} is in force.",
            comparison.in_force_from,
            old=plate.version,
            new=comparison.version,
        )
    elif plate.digest and comparison.plate_digests:
        last = max(
            (day for place, day in comparison.covered.items() if place.building == plate.building),
            default=None,
        )
        yield differs(
            Kind.PLATE_OUTDATED,
            "Plate {plate} ({where}) no longer says what it should: sources or wordings changed since it was made.",
            last if last and last > plate.entered_at.date() else None,
        )


def _is_known(area: str, comparison: Comparison) -> bool:
    """Return whether an area is a covered place, by any of its names, a building with one, or as the documents of today call it."""
    wanted = same_area(area)
    names = {name for place in comparison.covered for name in (*names_of(place), same_area(place.building))}
    return wanted in names or wanted in set(map(same_area, comparison.area_names))


def _is_listed(area: str, comparison: Comparison) -> bool:
    """Return whether the regulation lists an area: under this name, or as a place of the inventory that has it."""
    listed = set(map(same_area, comparison.rules.places.areas))
    wanted = same_area(area)
    ways = {name for place in comparison.known if wanted in names_of(place) for name in names_of(place)}
    return bool(({wanted} | ways) & listed) or any(
        wanted == same_area(place.building) for place in comparison.known
    )


def _of_regulation(comparison: Comparison) -> Iterator[Difference]:
    """Yield where the list of places in the regulation and the inventory differ; a regulation without a list agrees with any."""
    listed = {same_area(area): area for area in comparison.rules.places.areas}
    if not listed:
        return
    rule = _clause(comparison.rules.places.clause)
    for place, since in comparison.covered.items():
        if not names_of(place) & listed.keys():
            facts = {"place": f"{place.building}, {place.name}"}
            sentence = Sentence("A source covers {place}, which the regulation does not list.", facts)
            yield Difference(Kind.SOURCE_NOT_IN_REGULATION, comparison.stream, sentence, rule, LOAD, since)
    covered = frozenset(name for place in comparison.covered for name in names_of(place))
    for name, area in listed.items():
        if name not in covered:
            sentence = Sentence("The regulation lists “{area}”, which no source covers.", {"area": area})
            since = comparison.in_force_from
            yield Difference(Kind.AREA_WITHOUT_SOURCE, comparison.stream, sentence, rule, LOAD, since)


def _of_publications(comparison: Comparison) -> Iterator[Difference]:
    rule = _clause(comparison.rules.notices.clause)
    for channel in comparison.rules.notices.channels:
        if channel in PUBLISHED:
            there = [each for each in comparison.publications if each.channel is channel]
            if not there:
                sentence = _MISSING[channel]
                yield Difference(
                    Kind.PUBLICATION_MISSING,
                    comparison.stream,
                    sentence,
                    rule,
                    PUBLISH,
                    comparison.in_force_from,
                    channel=channel.value,
                )
    for each in comparison.publications:
        if comparison.edition and each.editions[comparison.stream] != comparison.edition:
            older = each.version < comparison.version
            template = (
                "What is published at {address} is older than version {version} of the regulation."
                if older
                else "What is published at {address} no longer says what it should: sources or wordings changed."
            )
            sentence = Sentence(template, {"address": each.address, "version": comparison.version})
            since = comparison.in_force_from if older else None
            yield Difference(
                Kind.PUBLICATION_OUTDATED,
                comparison.stream,
                sentence,
                TRANSPARENCY,
                PUBLISH,
                since,
                publication=each.number,
            )


_MISSING: Mapping[NoticeChannel, Sentence] = {
    NoticeChannel.WEBSITE: Sentence(
        "The clause is not entered as published on the website, as the regulation demands."
    ),
    NoticeChannel.BULLETIN: Sentence(
        "Nothing is entered as published in the Public Information Bulletin, as the regulation demands."
    ),
    NoticeChannel.NOTICE_BOARD: Sentence(
        "The clause is not entered as put up on the notice board, as the regulation demands."
    ),
}


def _clause(clause: str) -> Rule:
    return Rule("regulation", clause or "regulamin", "", "The office's own regulation says so.")
