"""Attached files in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.cases.attachments import queries
from rejent.cases.attachments.permission import may_remove
from rejent.cases.attachments.views import FileView, Role
from rejent.formats.file_types import BY_MEDIA_TYPE, PDF
from rejent.office.views import PersonView
from rejent.web.words.acts import Names
from rejent.web.words.wording import moment_digits, size_words

ROLES: Mapping[Role, str | Promise] = {
    Role.FILED: pgettext_lazy("role of a file", "filed with the application"),
    Role.APPLICATION: _("the application itself"),
    Role.PHOTO: _("photo"),
    Role.SIGNED: _("signed paper"),
    Role.DELIVERY: _("evidence of the delivery"),
}


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file as a page lists it. One that is not ``shown`` by the browser is saved; ``signable``: signatures may stand in it."""

    view: FileView
    name: str
    about: str
    shown: bool
    removable: bool
    signable: bool


def file_lines(reader: PersonView, about: str, *roles: Role) -> list[FileLine]:
    """Return what is attached to something, oldest first."""
    names = Names()
    return [_line(each, names, reader) for each in queries.attached(about, *roles)]


def removed_lines(about: str, *roles: Role) -> list[str]:
    """Return what was attached to something and removed: what kind of file, when, by whom and why."""
    names, found = Names(), list[str]()
    for act in queries.removals(about):
        facts = act.facts or {}
        role = Role(str(facts.get("role", Role.FILED)))
        if role in (roles or Role):
            removed = gettext("removed %(moment)s, %(name)s: %(reason)s") % {
                "moment": moment_digits(act.at),
                "name": names.person(act.actor),
                "reason": facts.get("reason", "–"),
            }
            found.append(f"{ROLES[role]} · {removed}")
    return found


def _line(view: FileView, names: Names, reader: PersonView) -> FileLine:
    kind = BY_MEDIA_TYPE.get(view.media_type)
    facts = (
        str(ROLES[view.role]),
        kind.endings[0].upper() if kind else "",
        size_words(view.bytes),
        f"{moment_digits(view.kept_at)}, {names.person(view.by)}" if view.kept_at else "",
    )
    return FileLine(
        view=view,
        name=view.name or gettext("file without a name"),
        about=" · ".join(fact for fact in (*facts, _compared(view)) if fact),
        shown=kind is not None and kind.shown,
        removable=may_remove(view, person=reader, clock=settings.CLOCK),
        signable=kind is PDF,
    )


def _compared(view: FileView) -> str:
    """Return what a signed paper was compared with: the papers that left the program, byte for byte, and nothing else."""
    if view.role is not Role.SIGNED:
        return ""
    if view.of:
        return gettext("begins with paper %(number)s, byte for byte") % {"number": view.of}
    return gettext("no paper of the program byte for byte: a scan, or written anew")
