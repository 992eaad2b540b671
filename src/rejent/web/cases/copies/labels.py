"""The label of a copy in three sizes, with its code and where that is checked."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from io import BytesIO
from typing import Literal

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from rejent.cases.copies import queries
from rejent.cases.copies.rules import label_code
from rejent.cases.copies.views import CopyView
from rejent.documents.papers import Label, Letterhead
from rejent.office import queries as office
from rejent.office.regulation.forms import FormPaper
from rejent.office.regulation.vocabulary import CopyColumn
from rejent.web.cases.copies.words import (
    cell,
    column_names,
    columns_of,
    derived_words,
    person_lines,
)
from rejent.web.registers.filled_forms import form_of, in_its_language
from rejent.web.registers.letterheads import fingerprint_facts, letterhead

LABEL_SIZES: Mapping[str, str | Promise] = {
    "a7": _("A7"),
    "disc": _("face of a disc"),
    "tape": _("tape of 62 mm"),
}


def label_paper(copy: CopyView, size: str) -> Label:
    """Return the label of a copy: what its regulation names as that names it, its code in digits, and as a picture without anybody's data."""
    form = form_of(copy.version, copy.source_kind, FormPaper.LABEL)
    with in_its_language() if form else nullcontext():
        called = column_names(form)[CopyColumn.NUMBER] if form else gettext("Copy")
        return _label(copy, size, f"{called} {copy.number}", column_names(form))


def _label(copy: CopyView, size: str, title: str, names: Mapping[CopyColumn, str]) -> Label:
    head = letterhead(
        title,
        made_at=copy.made_at or copy.begun_at,
        entry=copy.made_entry,
        office=office.verified_version(copy.version).name,
    )
    written = code_text(copy, head.office)
    stated = [column for column in columns_of(copy) if column is not CopyColumn.NUMBER]
    handed = queries.hand_over(copy.number) if CopyColumn.OUTCOME in stated else None
    sizes: Mapping[str, Literal["a7", "disc", "tape"]] = {"a7": "a7", "disc": "disc", "tape": "tape"}
    return Label(
        letterhead=head,
        size=sizes[size],
        facts=(
            *((gettext("Derived"), words) for words in (derived_words(copy),) if words),
            *(
                (names[column], words)
                for column in stated
                if (words := cell(copy, column, handed, person_lines))
            ),
            *fingerprint_facts(),
        ),
        digits=(pgettext("of a label", "Code"), _group_digits(label_code(copy.number, copy.digest))),
        code=_draw_code(written),
        check=_say_where_checked(),
        code_words=gettext("QR code: %(text)s") % {"text": written.replace("\n", ", ")},
    )


def empty_label(head: Letterhead, columns: Sequence[CopyColumn], names: Mapping[CopyColumn, str]) -> Label:
    """Return a label of no copy: the office's names of what is written on it, dots where it will be, a code that says that it is none."""
    nothing = gettext("Example: this label is of no copy.")
    return Label(
        letterhead=replace(head, title=f"{names[CopyColumn.NUMBER]} {_DOTS}"),
        size="a7",
        facts=tuple((names[each], _DOTS) for each in columns if each is not CopyColumn.NUMBER),
        digits=(pgettext("of a label", "Code"), _DOTS),
        code=_draw_code(nothing),
        check=_say_where_checked(),
        code_words=nothing,
    )


_DOTS = "." * 20


def _check_address() -> str:
    """Return the address at which anybody checks a label; nothing where the pages answer to this machine only."""
    hosts = settings.INSTALLATION.hosts
    return f"https://{hosts[0]}{reverse('copy-check')}" if hosts else ""


def _say_where_checked() -> tuple[str, ...]:
    """Return how a label says where it is checked, and the address; no address where the office alone can."""
    if address := _check_address():
        return gettext("Check this label at"), address
    return (gettext("Checked in the office alone: it has no page for it"),)


def code_text(copy: CopyView, office_name: str) -> str:
    """Return what the code of a label holds: the address of what is known of the copy.

    Where there is none, line by line: office, number, code, entry in the ledger.
    """
    if address := _check_address():
        return f"{address}?{urlencode({'number': copy.number, 'code': label_code(copy.number, copy.digest)})}"
    code = label_code(copy.number, copy.digest)
    return "\n".join(["REJENT", office_name, copy.number, code, f"#{copy.made_entry}"])


def _draw_code(text: str) -> str:
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode()


def _group_digits(digest: str) -> str:
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))
