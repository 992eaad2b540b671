"""Notices on the forms of the regulation's annexes: its title, its order, its names; what the law demands besides follows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rejent.notices.documents import asks as lacking
from rejent.notices.documents import words
from rejent.notices.documents.truth import Truth, basis_of
from rejent.notices.documents.views import Ask, Document, Section
from rejent.office.regulation.forms import Form, FormLine, FormPaper, filled, placeholders_of

OPENING = "opening"


def form_of(truth: Truth, paper: FormPaper) -> Form | None:
    """Return the annex's form of a notice; None where the regulation gives none, and in other languages than the annex's."""
    return truth.rules.form(paper) if truth.language == "pl" else None


def on_form(document: Document, truth: Truth, form: Form) -> Document:
    """Return a document with the annex's title, first sentence and sections in its order; the document's others follow them."""
    opening = next((line for line in form.lines if line.field == OPENING), None)
    return replace(
        document,
        title=form.title,
        opening=filled(opening, values_of(truth)) if opening else document.opening,
        sections=tuple(sections_on(document.sections, truth, form)),
    )


def sections_on(sections: Sequence[Section], truth: Truth, form: Form) -> Iterator[Section]:
    """Yield the sections of a form, each with what the law finds in the program's own, then those that the form has no line for."""
    own, stands = {each.key: each for each in sections}, set()
    values = values_of(truth)
    for place, line in enumerate(form.lines):
        if line.field == OPENING:
            if unknown := tuple(_find_unknown(line, values)):
                yield Section(key=OPENING, asks=unknown)
            continue
        section = own.get(line.field) or Section(key=line.field or f"line-{place}")
        stands.add(line.field)
        yield _word_section(section, line, values)
    yield from (each for each in sections if each.key not in stands)


def _word_section(section: Section, line: FormLine, values: dict[str, str]) -> Section:
    if not line.text:
        return replace(section, title=line.name)
    asks = tuple(dict.fromkeys((*section.asks, *_find_unknown(line, values))))
    return replace(section, title=line.name, text=(filled(line, values),), points=(), facts=(), asks=asks)


def _find_unknown(line: FormLine, values: dict[str, str]) -> Iterator[Ask]:
    said = placeholders_of(line)
    return (Ask(key) for name, key in _ASKED.items() if name in said and not values[name])


_ASKED = {
    "controller": lacking.CONTROLLER,
    "address": lacking.ADDRESS,
    "email": lacking.EMAIL,
    "telephone": lacking.TELEPHONE,
    "contact": lacking.CONTACT,
    "contact_telephone": lacking.CONTACT_TELEPHONE,
    "purposes": lacking.PURPOSE,
    "period": lacking.RETENTION,
    "areas": lacking.AREAS,
    "rights": lacking.RIGHTS,
    "recipients": lacking.RECIPIENTS,
    "reasons": lacking.REASONS,
    "bases": lacking.BASES,
}
"""What is asked for where a form's sentence states something that is not known."""


def values_of(truth: Truth) -> dict[str, str]:
    """Return what the placeholders of notices stand for."""
    regulation, rules = truth.office.regulation, truth.rules
    lawful = [words.BASES[basis] for each in truth.purposes if (basis := basis_of(rules, each))]
    statutes = [words.STATUTES[each.ground] for each in truth.purposes if each.ground in words.STATUTES]
    bases = dict.fromkeys(str(each) for each in (*lawful, *statutes))
    return {
        "controller": regulation.controller,
        "address": regulation.address,
        "email": regulation.email,
        "telephone": regulation.telephone,
        "contact": regulation.contact,
        "contact_telephone": regulation.contact_telephone,
        "purposes": "; ".join(truth.name_of(each) for each in truth.purposes),
        "bases": words.listed(list(bases)),
        "areas": "; ".join(area.name for area in truth.areas()),
        "period": words.period(rules.retention) if rules.retention else "",
        "until": str(words.ENDS[rules.extension.until]),
        "reasons": words.either([str(words.TRIGGERS[each]) for each in rules.extension.triggers]),
        "recipients": words.listed([str(words.RECIPIENTS[each]) for each in rules.handover.recipients]),
        "rights": words.listed([str(words.RIGHTS_IN_SHORT[right]) for right in truth.rights]),
        "title": regulation.title,
        "day": f"{truth.office.in_force_from:%d.%m.%Y}",
        "monitoring": str(truth.sayings.name),
    }
