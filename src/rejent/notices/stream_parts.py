"""The part of a kind of stream that notices need: what it records of whom, in words for those who are recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

from rejent.kernel.stream_parts import StreamPart

Words = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """A stream in the words of the documents that tell people of it.

    Attributes:
        name: what the monitoring is called, as the object of a sentence, in small letters.
        recorded: sentence: what is recorded and what is not.
        provision: sentence: whether one must let oneself be recorded, and what follows if one does not (GDPR art. 13(2)(e)).
        plate: the heading of the plates that mark where it is; empty where nothing is marked.
        pictogram: what is drawn on them: a template of `rejent.documents`, by its name.
        is_heard: its notices are spoken before recording begins.
        necessity: questions about necessity that an assessment must answer (GDPR art. 35(7)(b)).
        risks: risks to the people recorded that it must weigh (GDPR art. 35(7)(c)).
        wordings: passages, by name, of a kind whose recordings are not called so.
        titles: titles of sections, by key, of such a kind.
    """

    name: Words
    recorded: Words
    data: tuple[Words, ...]
    people: tuple[Words, ...]
    provision: Words
    plate: Words = ""
    pictogram: str = ""
    is_heard: bool = False
    necessity: tuple[Words, ...] = ()
    risks: tuple[Words, ...] = ()
    wordings: Mapping[str, Words] = field(default_factory=dict)
    titles: Mapping[str, Words] = field(default_factory=dict)


SAYINGS: StreamPart[Sayings] = StreamPart("sayings")
