"""Parts of every kind of stream that the catalogue needs: how its sources are recorded, and what goes with their segments."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rejent.catalog.addresses import Address
from rejent.kernel.findings import Finding
from rejent.kernel.stream_parts import StreamPart


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """Form of a stream's sources: how they are recorded; what is said of an address is said of the source that has it.

    Attributes:
        is_continuous: without a pause, so that an instant without a segment is missing.
        address: splits the address by which people add and change a source; nothing where they describe it otherwise.
        traits: returns what they state of it besides, fit to be stored.
        fits: sees that an address and all traits of a source go together, or raises SourceRefusedError.
        excludes: whether, by their addresses, two sources cannot both be recorded, as two that listen at one port.
        preset: traits of a source of which they state none.
        entered: traits that the act of adding it states.
        reach: by an address, than which no segment is longer; bounds each search for those that reach into an interval.
        longest: by an address, than which no recorder makes a segment longer.
        comes_late: whether, by its address, recordings of a source are made elsewhere and taken over whenever they come.
        by_hand: whether, by its address, people bring the recordings of a source by a command, so that no recorder ever reports on it.
        keeps_gap: whether, by address and cause, a closed gap stays though a recording reaches into it: nothing could be taken then, whatever an item under way went on with.
        items: whether the run of a segment is one item of the stream, such as a call; the ledger then says which.
        booked: is given the items that objects were booked or mended of, in the same transaction.
        destroyed: is given the source and date of which objects were destroyed, in the same transaction.
        wanted_keys: the past dates of sources that need a day key.
        withdrawals: names of acts that take single objects away, by the digests they hold.
        neutral_word: what each is called, with a number behind it, where the regulation keeps its sources' places secret.
    """

    is_continuous: bool
    address: Callable[[str], Address] | None = None
    traits: Callable[[Mapping[str, str]], dict[str, str]] = dict
    fits: Callable[[str, Mapping[str, str]], object] = lambda _address, _traits: None
    excludes: Callable[[str, str], bool] = lambda _address, _other: False
    preset: Mapping[str, str] = field(default_factory=dict)
    entered: tuple[str, ...] = ()
    reach: Callable[[str], timedelta]
    longest: Callable[[str], timedelta]
    comes_late: Callable[[str], bool] = lambda _: False
    by_hand: Callable[[str], bool] = lambda _: False
    keeps_gap: Callable[[str, str], bool] = lambda _address, _cause: False
    items: bool = False
    booked: Callable[[Iterable[str]], object] = lambda _: None
    destroyed: Callable[[str, date], object] = lambda _source, _day: None
    wanted_keys: Callable[[], Iterable[tuple[str, date]]] = tuple
    withdrawals: tuple[str, ...] = ()
    neutral_word: str = ""


SOURCES: StreamPart[SourceForm] = StreamPart("sources")
RECORD_CHECKS: StreamPart[Mapping[str, Callable[[datetime], Iterator[Finding]]]] = StreamPart("record checks")
"""Checks of ``fsck`` beside those of segments, each made at an instant, by the name under which its failure is reported."""
