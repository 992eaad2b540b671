"""What the statute finds in a regulation, in the reader's words: names of the file's lists are put as pages put them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from rejent.kernel.sentences import Fact, Sentence
from rejent.notices.documents import words
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.findings import Finding
from rejent.office.regulation.forms import FormPaper
from rejent.office.regulation.vocabulary import CallDirection
from rejent.web.cases.copies.listing import DISCLOSURE_COLUMNS
from rejent.web.cases.copies.words import COLUMNS
from rejent.web.regulation.office import OfficeForm
from rejent.web.words.identifiers import PLACE_KINDS

Words = str | Promise

DIRECTIONS: Mapping[str, Words] = {
    CallDirection.INCOMING: _("incoming"),
    CallDirection.OUTGOING: _("outgoing"),
    CallDirection.INTERNAL: _("internal"),
}
PAPERS = {
    FormPaper.PRESERVATION: _("application to keep a recording"),
    FormPaper.DISCLOSURE: _("application for a recording"),
    FormPaper.PLAYBACK: _("protocol of a viewing"),
    FormPaper.HAND_OVER: _("protocol of a hand-over"),
    FormPaper.DISCLOSURES: _("register of disclosed recordings"),
    FormPaper.COPIES: _("register of copies"),
    FormPaper.LABEL: _("label of a copy"),
    FormPaper.PLATE: _("plate"),
    FormPaper.CLAUSE: _("information clause"),
    FormPaper.STATEMENT: _("statement"),
}
_OF_COPIES = {column.value: words for column, words in COLUMNS.items()}
_OF_DISCLOSURES = {column.value: words for column, (words, _share) in DISCLOSURE_COLUMNS.items()}
_FIELDS: Mapping[str, Words] = {
    **{key: format_lazy("{} ({})", key, words) for key, words in (_OF_COPIES | _OF_DISCLOSURES).items()},
    **{
        key: format_lazy("{} ({} / {})", key, _OF_COPIES[key], _OF_DISCLOSURES[key])
        for key in _OF_COPIES.keys() & _OF_DISCLOSURES.keys()
    },
}
"""Fields of registers and labels: as the file has to write them, with what stands in them."""
_NAMED: Mapping[str, Mapping[str, Words]] = {
    "paper": {paper.value: words for paper, words in PAPERS.items()},
    **dict.fromkeys(("field", "known", "columns"), _FIELDS),
    "role": ROLES,
    "basis": {basis.value: said for basis, said in words.BASES.items()},
    "kind": {str(kind): said for kind, said in PLACE_KINDS.items()},
    "direction": DIRECTIONS,
    "triggers": {trigger.value: said for trigger, said in words.TRIGGERS.items()},
    "key": {name: field.label or name for name, field in OfficeForm.base_fields.items()},
}
"""The lists of which a fact of a finding is a name, or several with commas between them."""


def word_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings as a page says them."""
    return [replace(each, statement=_said(each.statement)) for each in findings]


def _said(statement: Sentence) -> Sentence:
    facts = {name: _name_fact(name, fact) for name, fact in statement.facts.items()}
    return replace(statement, facts=facts)


def _name_fact(name: str, fact: Fact) -> Fact:
    known = _NAMED.get(name, {})
    if not isinstance(fact, str) or not known:
        return fact
    return "; ".join(str(known.get(part, part)) for part in fact.split(", "))
