"""Words for how it is known that a call was announced."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from rejent.streams.calls.catalog.views import HUNG_UP, NOT_ANNOUNCED, NOT_SEARCHED, KnownBy, Notice
from rejent.web.words.wording import duration_short, moment_digits, time_digits

ANNOUNCEMENTS: Mapping[str, str | Promise] = {
    "incoming": gettext_lazy("announcement"),
    "clause": gettext_lazy("information clause"),
    "outgoing": gettext_lazy("announcement that the employee reads"),
}
KNOWN: Mapping[str, str | Promise] = {
    "service": pgettext_lazy("an announcement", "played by this program"),
    "pbx": pgettext_lazy("an announcement", "played by the exchange, as it says"),
    "found": pgettext_lazy("an announcement", "found in the recording"),
    "employee": pgettext_lazy("an announcement", "confirmed by the employee"),
}
DOUBTS: Mapping[str, str | Promise] = {
    "nothing-came": gettext_lazy("no sound came from the caller meanwhile"),
    "beginning-missing": gettext_lazy("its beginning is not in the recording"),
}


def announced_state(known: str) -> tuple[str, str] | None:
    """Return a state and its words for the way it is known; nothing where nothing is owed.

    The ways are those of `rejent.streams.calls.catalog.queries.announced`.
    """
    if known == NOT_ANNOUNCED:
        return "attention", gettext("announcement not known")
    if known == NOT_SEARCHED:
        return "neutral", gettext("announcement not looked for yet")
    if known in KNOWN:
        return "recording", gettext("announced")
    return None


def evidence_words(notices: Sequence[Notice], known: str, named: Callable[[str], str]) -> str:
    """Return in one sentence how it is known that a call was announced; empty where it is not known."""
    best = next((one for one in notices if one.known_by == known), None)
    if best is None:
        return ""
    facts = {
        "clock": time_digits(best.start),
        "length": duration_short(best.heard_s),
        "name": named(best.by) if best.by else "",
        "moment": moment_digits(best.start),
    }
    if best.known_by == KnownBy.EMPLOYEE:
        sentence = gettext("%(name)s confirms having read the announcement, %(moment)s") % facts
    elif best.known_by == KnownBy.FOUND:
        sentence = (
            gettext("The announcement is heard in the recording from %(clock)s on, for %(length)s") % facts
        )
    elif best.known_by == KnownBy.PBX:
        sentence = (
            gettext("The exchange says that it played the announcement from %(clock)s on, for %(length)s")
            % facts
        )
    else:
        sentence = gettext("This program played the announcement from %(clock)s on, for %(length)s") % facts
    parts = [sentence]
    if best.known_by != KnownBy.EMPLOYEE:
        parts.append(gettext("to its end") if best.completed else gettext("not to its end"))
    if best.doubt:
        parts.append(str(DOUBTS.get(best.doubt, best.doubt)))
    return f"{', '.join(parts)}."


def notice_lines(notices: Iterable[Notice], named: Callable[[str], str]) -> list[str]:
    """Return each piece of evidence in a sentence; ``named`` gives the name of a person by their identifier."""
    return [_line(notice, named) for notice in notices]


def _line(notice: Notice, named: Callable[[str], str]) -> str:
    parts = [
        f"{ANNOUNCEMENTS.get(notice.kind, notice.kind)}",
        str(KNOWN.get(notice.known_by, notice.known_by)),
    ]
    if notice.by and notice.known_by == KnownBy.EMPLOYEE:
        confirmed = {"name": named(notice.by), "moment": moment_digits(notice.start)}
        parts.append(gettext("%(name)s, %(moment)s") % confirmed)
    if notice.heard_s:
        parts.append(
            gettext("from %(clock)s, %(length)s")
            % {"clock": time_digits(notice.start), "length": duration_short(notice.heard_s)}
        )
    if notice.outcome == HUNG_UP and not notice.completed:
        parts.append(gettext("hung up before its end"))
    elif notice.heard_s or not notice.completed:
        parts.append(gettext("to its end") if notice.completed else gettext("not to its end"))
    if notice.keys:
        parts.append(gettext("keys pressed: %(keys)s") % {"keys": notice.keys})
    if notice.version:
        parts.append(gettext("version %(number)s") % {"number": notice.version})
    if notice.score is not None:
        parts.append(gettext("likeness %(share)s%%") % {"share": round(100 * notice.score)})
    if notice.doubt:
        parts.append(str(DOUBTS.get(notice.doubt, notice.doubt)))
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]
