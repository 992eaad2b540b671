"""What the statute finds in a regulation, in the reader's words: names of the file's lists are put as pages put them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.kernel.sentences import Fact, Sentence
from rejent.notices.documents import words
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.findings import Finding
from rejent.office.regulation.vocabulary import CallDirection
from rejent.web.regulation.office import OfficeForm
from rejent.web.words.identifiers import PLACE_KINDS

Words = str | Promise

DIRECTIONS: Mapping[str, Words] = {
    CallDirection.INCOMING: _("incoming"),
    CallDirection.OUTGOING: _("outgoing"),
    CallDirection.INTERNAL: _("internal"),
}
_NAMED: Mapping[str, Mapping[str, Words]] = {
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
