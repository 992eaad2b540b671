"""Attached files in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.cases.attachments import queries
from rejent.cases.attachments.views import FileView, Role
from rejent.formats.file_types import BY_MEDIA_TYPE, PDF, PICTURES
from rejent.web.words.acts import Names
from rejent.web.words.wording import moment_digits

ROLES: Mapping[Role, str | Promise] = {
    Role.FILED: pgettext_lazy("role of a file", "filed with the application"),
    Role.APPLICATION: _("the application itself"),
    Role.PHOTO: _("photo of the destroyed carrier"),
    Role.SIGNED: _("signed paper"),
    Role.DELIVERY: _("evidence of the delivery"),
}


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file as a page lists it; ``shown`` where the browser shows it, else it is saved; ``signable`` where signatures may stand in it."""

    view: FileView
    name: str
    about: str
    shown: bool
    picture: bool
    signable: bool


def file_lines(about: str, *roles: Role) -> list[FileLine]:
    """Return what is attached to something, oldest first."""
    names = Names()
    return [_line(each, names) for each in queries.attached(about, *roles)]


def _line(view: FileView, names: Names) -> FileLine:
    kind = BY_MEDIA_TYPE.get(view.media_type)
    facts = (
        str(ROLES[view.role]),
        kind.endings[0].upper() if kind else "",
        filesizeformat(view.bytes),
        f"{moment_digits(view.kept_at)}, {names.person(view.by)}" if view.kept_at else "",
    )
    return FileLine(
        view=view,
        name=view.name or gettext("file without a name"),
        about=" · ".join(fact for fact in (*facts, _compared(view)) if fact),
        shown=kind is not None and kind.shown,
        picture=kind in PICTURES,
        signable=kind is PDF,
    )


def _compared(view: FileView) -> str:
    """Return what a signed paper was compared with: the papers that left the program, byte for byte, and nothing else."""
    if view.role is not Role.SIGNED:
        return ""
    if view.of:
        return gettext("begins with paper %(number)s, byte for byte") % {"number": view.of}
    return gettext("no paper of the program byte for byte: a scan, or written anew")
