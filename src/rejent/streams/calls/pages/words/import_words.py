"""Words for what became of an exchange's files and call records."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rejent.web.words.states import cause_words

_CAUSES: Mapping[str, str | Promise] = {
    "too-large": _("the file is larger than 256 MiB and cannot be read in parts"),
    "no-file": _("it is no ordinary file"),
    "too-long": _("it lasts longer than six hours"),
    "past-term": _("the retention period of its day is over"),
    "empty": _("there is nothing in the file"),
    "no-sound": _("no sound can be read from the file"),
    "unreadable": _("what it tells of itself cannot be reckoned with"),
    "one-sided": _("taken over, but one side is silent throughout"),
}
"""Reasons for which a file was not taken over, or is doubtful (`rejent.streams.calls.receiving.imported.folder_import`)."""
_COUNTS: Mapping[tuple[str, str], str | Promise] = {
    ("file", "imported"): pgettext_lazy("files of an exchange", "taken over"),
    ("file", "twice"): pgettext_lazy("files of an exchange", "come a second time, entered once"),
    ("file", "left-out"): pgettext_lazy("files of an exchange", "left out by the rules"),
    ("file", "refused"): pgettext_lazy("files of an exchange", "not taken over"),
    ("record", "recorded"): pgettext_lazy("records of an exchange", "recorded"),
    ("record", "missing"): pgettext_lazy("records of an exchange", "missing"),
    ("record", "expected"): pgettext_lazy("records of an exchange", "not compared yet"),
    ("record", "unanswered"): pgettext_lazy("records of an exchange", "answered by nobody, nothing expected"),
    ("record", "left-out"): pgettext_lazy(
        "records of an exchange", "left out by the rules, or from before the line was added"
    ),
}
_KINDS: Mapping[str, str | Promise] = {
    "file": _("Files of the exchange"),
    "record": _("Call records"),
}


def import_cause(cause: str) -> str:
    """Return why a file or a recording is not there, in the reader's language."""
    if cause in _CAUSES:
        return str(_CAUSES[cause])
    return cause_words(cause)


def count_lines(counts: Mapping[tuple[str, str], int]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return how many files and records came to what, under a heading each, without what did not happen."""
    told = []
    for kind, title in _KINDS.items():
        lines = [
            (str(words), counts[key]) for key, words in _COUNTS.items() if key[0] == kind and counts.get(key)
        ]
        if lines:
            told.append((str(title), lines))
    return told
