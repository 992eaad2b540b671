"""What goes into a package, as a plain value: whoever makes a copy fills it in, and this layer knows nothing of copies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from rejent.evidence.errors import PackageRefusedError
from rejent.evidence.verifier.form import CONTENTS_FORM, FORMAT, LONGEST_SENTENCE, fits, plain
from rejent.formats.source import Source
from rejent.kernel.intervals import Interval

Words = Mapping[str, str]
"""A text in Polish and in English, by the language's code, so that page and verifier speak the reader's."""


class LazySource:
    """A content that is opened or made when it is first looked at, and let go once it was read to its end."""

    def __init__(self, opened: Callable[[], Source], size: int | None = None) -> None:
        self._open, self._size = opened, size
        self._opened: Source | None = None

    @property
    def size(self) -> int:
        """Length in bytes."""
        if self._size is None:
            self._size = self._content().size
        return self._size

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content from ``offset``."""
        content = self._content().read(offset, length)
        if offset + len(content) >= self.size:
            self._opened = None
        return content

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fill ``target`` with the content from ``offset``."""
        memoryview(target)[:] = self.read(offset, len(target))

    def _content(self) -> Source:
        if self._opened is None:
            self._opened = self._open()
        return self._opened


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of recorded content, unchanged.

    ``name`` has letters of ASCII, digits, ``.``, ``_``, ``-``; the record of ``act`` names ``sha256`` in hexadecimal digits.
    """

    name: str
    media_type: str
    interval: Interval
    content: Source = field(repr=False)
    sha256: bytes
    act: int


@dataclass(frozen=True, slots=True)
class PlayableFile:
    """A file that browsers play; with no content of its own, the recording of that name is one.

    ``made_of`` names the recording that an own content was made of.
    """

    name: str
    media_type: str
    interval: Interval
    content: Source | None = field(default=None, repr=False)
    made_of: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Time of which there is no recording, and why, as a sentence."""

    interval: Interval
    cause: Words


@dataclass(frozen=True, slots=True)
class ClockStatement:
    """What is known of the clocks that dated the recording.

    ``offset_ms`` is the source's clock minus the office's, ``uncertainty_ms`` by how much that may be wrong; None where nothing is known.
    """

    sentence: Words
    offset_ms: int | None = None
    uncertainty_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """What the recordings of a package were derived from, with parts of them hidden; the act of their making names all three.

    ``digest`` is that of the original's content, ``plan`` the SHA-256 of the plan, both in hexadecimal digits.
    """

    number: str
    digest: str
    plan: str


@dataclass(frozen=True, slots=True)
class PackageContents:
    """Everything that a package states, but for what the ledger adds.

    ``kind``: of the source, such as "Kamera"; ``language``: of label and custody sheet; ``gaps``: what was never recorded; ``gone``: what was destroyed
    before; ``acts``: the sentences of the acts that prove it, by their index in the ledger; ``erased``: those
    whose record the office erased; ``derived``: what the recordings were derived from; None of those that are as they were recorded.
    """

    number: str
    office: str
    kind: Words
    source: str
    interval: Interval
    language: str
    made_at: datetime
    recordings: Sequence[Recording]
    playable: Sequence[PlayableFile]
    gaps: Sequence[Missing]
    gone: Sequence[Missing]
    clock: ClockStatement
    acts: Mapping[int, Words]
    label: bytes = field(repr=False)
    custody: bytes = field(repr=False)
    zone: str = "Europe/Warsaw"
    erased: frozenset[int] = frozenset()
    derived: Derivation | None = None


def require_packable(contents: PackageContents) -> None:
    """See that a package can be made of it. Raises PackageRefusedError: it cannot."""
    own = [each.name for each in contents.playable if each.content is not None]
    for names in ([each.name for each in contents.recordings], own):
        if len({name.casefold() for name in names}) != len(names):
            raise PackageRefusedError("Two files of a package have one name.")
    if not fits(contents_list(contents, []), CONTENTS_FORM):
        raise PackageRefusedError(
            "A name, a number or a text of a package is not written as packages write it: names of letters, digits, dots and dashes, texts of one line."
        )
    missing = {each.act for each in contents.recordings} - set(contents.acts)
    unknown = {each.name for each in contents.playable if each.content is None} - {
        each.name for each in contents.recordings
    }
    if missing or unknown or not contents.recordings:
        raise PackageRefusedError("Each recording of a package is named by an act in it.")


def recording_path(contents: PackageContents, recording: Recording) -> str:
    """Return where a recording stands in its package."""
    return f"data/{_folder(contents)}/{recording.name}"


def playable_path(contents: PackageContents, playable: PlayableFile) -> str:
    """Return where a playable file stands in its package."""
    return f"data/{_folder(contents) if playable.content is None else 'viewing'}/{playable.name}"


def _folder(contents: PackageContents) -> str:
    return "originals" if contents.derived is None else "derived"


def contents_list(contents: PackageContents, files: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return the list of contents as it is written; ``files`` are the files with their digests."""
    return {
        "format": FORMAT,
        "number": contents.number,
        "office": contents.office,
        "kind": dict(contents.kind),
        "source": contents.source,
        "interval": _between(contents.interval),
        "language": contents.language,
        "zone": contents.zone,
        "made_at": written_instant(contents.made_at),
        "recordings": [
            {
                "file": recording_path(contents, each),
                "media_type": each.media_type,
                "act": each.act,
                **_between(each.interval),
            }
            for each in contents.recordings
        ],
        "playable": [
            {"file": playable_path(contents, each), "media_type": each.media_type, **_between(each.interval)}
            for each in contents.playable
        ],
        "gaps": [{"cause": _lines(each.cause), **_between(each.interval)} for each in contents.gaps],
        "gone": [{"cause": _lines(each.cause), **_between(each.interval)} for each in contents.gone],
        "clock": asdict(contents.clock) | {"sentence": _lines(contents.clock.sentence)},
        "acts": [
            {"index": index, "sentence": _lines(sentence)}
            for index, sentence in sorted(contents.acts.items())
        ],
        "erased": sorted(contents.erased),
        "derived": asdict(contents.derived) if contents.derived else None,
        "files": sorted(files, key=lambda each: str(each["path"])),
    }


def _lines(words: Words) -> dict[str, str]:
    return {language: plain(text, LONGEST_SENTENCE) for language, text in words.items()}


def written_instant(at: datetime) -> str:
    """Return an instant as a package writes it, in UTC to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _between(interval: Interval) -> dict[str, str]:
    return {"start": written_instant(interval.start), "end": written_instant(interval.end)}
