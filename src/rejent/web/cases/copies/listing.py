"""The register of copies, one for each stream, and the register of disclosed recordings: on screen, as CSV and as PDF."""

from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from rejent.cases import queries as cases
from rejent.cases.copies import queries
from rejent.cases.copies.views import CopyView, HandOverView, State
from rejent.documents.papers import Column
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.office import queries as office
from rejent.office.regulation.provisions import Copies, Handover
from rejent.office.regulation.vocabulary import CopyColumn, DisclosureColumn
from rejent.web.cases.copies.identifiers import DOCUMENTS
from rejent.web.cases.copies.words import COLUMNS, COPY_STATES, cell, fitting
from rejent.web.cases.words import CASE_STATES
from rejent.web.registers.exports import MOST_PRINTED, chosen_format, handed_out_whole
from rejent.web.registers.register_books import Row
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.stream_parts import WORDS
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits

DISCLOSURE_COLUMNS: Mapping[DisclosureColumn, tuple[str | Promise, int]] = {
    DisclosureColumn.NUMBER: (_("No."), 7),
    DisclosureColumn.APPLICANT: (_("Applicant"), 20),
    DisclosureColumn.FILED_ON: (_("Application filed on"), 10),
    DisclosureColumn.PURPOSE: (_("Purpose of the disclosure"), 22),
    DisclosureColumn.OUTCOME: (_("How the application was settled"), 18),
    DisclosureColumn.RECEIVER_SIGNATURE: (_("Signature of who takes the carrier"), 16),
    DisclosureColumn.ISSUER_SIGNATURE: (_("Signature of who hands it over"), 16),
    DisclosureColumn.REMARKS: (_("Remarks"), 18),
}
"""Title and width of each column, as Pleszew annex 4 has them."""
_SHARES = {CopyColumn.NUMBER: 9, CopyColumn.MADE_ON: 9, CopyColumn.OUTCOME: 22}


@require_GET
def copies(request: PersonRequest) -> HttpResponse:
    """Return the register of copies of a stream, in the order of its numbers, with its regulation's columns."""
    streams = _streams()
    stream = request.GET.get("stream", "")
    stream = stream if stream in streams else next(iter(streams), "")
    state = request.GET.get("state", "")
    found = queries.copies(stream=stream, state=state) if stream else []
    columns = copy_columns(stream) if stream else []
    context = {
        "titles": [str(COLUMNS[column]) for column in columns],
        "rows": [
            (copy, [cell(copy, each) for each in columns[1:]], COPY_STATES[copy.state]) for copy in found
        ],
        "stream": stream,
        "streams": [(name, WORDS.of(name).name) for name in streams],
        "state": state if state in set(State) else "",
        "chips": [(one.value, COPY_STATES[one][1]) for one in (State.KEPT, State.HANDED, State.DESTROYED)],
        "due": queries.due(civil_date(settings.CLOCK.now())),
        "may_appoint": may(request, "appoint-commission"),
        "most_printed": MOST_PRINTED,
    }
    return render(request, "copies/copies.html", context)


@require_POST
def copies_export(request: PersonRequest, stream: str, written: str) -> HttpResponseBase:
    """Return the register of copies of a stream as a file."""
    if stream not in _streams():
        raise NotFoundError("There is nothing at this address.")
    columns = copy_columns(stream)
    return handed_out_whole(
        request,
        chosen_format(written),
        "copies",
        title=gettext("Register of copies: %(stream)s") % {"stream": WORDS.of(stream).name},
        columns=[Column(str(COLUMNS[each]), _SHARES.get(each, 14)) for each in columns],
        rows=copy_rows(queries.copies(stream=stream), columns),
    )


def copy_columns(stream: str) -> list[CopyColumn]:
    """Return the columns of the register in force."""
    rules = office.streams(civil_date(settings.CLOCK.now())).get(stream)
    return fitting((rules.copies if rules else Copies()).register, stream)


def copy_rows(found: Iterable[CopyView], columns: list[CopyColumn]) -> Iterator[Row]:
    """Yield copies as rows of that book."""
    return (tuple(cell(copy, column) for column in columns) for copy in found)


def _streams() -> list[str]:
    """Return the streams that the regulation prescribes and something records, or copies exist of."""
    prescribed = office.streams(civil_date(settings.CLOCK.now()))
    known = {copy.source_kind for copy in queries.copies()}
    return [name for name, _named in WORDS.items() if name in prescribed or name in known]


@require_GET
def disclosures(request: PersonRequest) -> HttpResponse:
    """Return the register of disclosed recordings."""
    columns = disclosure_columns()
    found = list(queries.hand_overs())
    context = {
        "titles": [str(DISCLOSURE_COLUMNS[column][0]) for column in columns],
        "rows": list(zip(found, disclosure_rows(found, columns), strict=True)),
        "most_printed": MOST_PRINTED,
    }
    return render(request, "copies/disclosures.html", context)


@require_POST
def disclosures_export(request: PersonRequest, written: str) -> HttpResponseBase:
    """Return the register of disclosed recordings as a file."""
    columns = disclosure_columns()
    return handed_out_whole(
        request,
        chosen_format(written),
        "disclosures",
        title=gettext("Register of disclosed recordings"),
        columns=[
            Column(str(title), share) for title, share in (DISCLOSURE_COLUMNS[each] for each in columns)
        ],
        rows=disclosure_rows(queries.hand_overs(), columns),
    )


def disclosure_columns() -> list[DisclosureColumn]:
    """Return the columns that the regulation in force names; where its streams differ, all that one of them does."""
    rules = office.streams(civil_date(settings.CLOCK.now())).values()
    named = {column for each in rules for column in each.handover.register} or set(Handover().register)
    return [column for column in DisclosureColumn if column in named]


def disclosure_rows(found: Iterable[HandOverView], columns: list[DisclosureColumn]) -> Iterator[Row]:
    """Yield hand-overs as rows of that book."""
    names = Names()
    for one in found:
        cells = _disclosed(one, names)
        yield tuple(cells[column] for column in columns)


def _disclosed(one: HandOverView, names: Names) -> dict[DisclosureColumn, str]:
    case = cases.case(one.case)
    papers = ", ".join(str(DOCUMENTS.get(each, each)) for each in one.documents)
    settled = gettext("%(decision)s; copy %(copy)s handed over on %(day)s") % {
        "decision": CASE_STATES[case.state][1],
        "copy": one.copy,
        "day": day_digits(civil_date(one.at)),
    }
    return {
        DisclosureColumn.NUMBER: one.number,
        DisclosureColumn.APPLICANT: case.application.applicant.name,
        DisclosureColumn.FILED_ON: day_digits(case.filed_on),
        DisclosureColumn.PURPOSE: _purpose(case.application.details),
        DisclosureColumn.OUTCOME: settled,
        DisclosureColumn.RECEIVER_SIGNATURE: ", ".join(part for part in (one.recipient, one.post) if part),
        DisclosureColumn.ISSUER_SIGNATURE: names.person(one.by),
        DisclosureColumn.REMARKS: "; ".join(part for part in (papers, one.remarks) if part),
    }


def _purpose(details: object) -> str:
    known = dict(details) if isinstance(details, dict) else {}
    return "; ".join(known[name] for name in ("purpose", "legal-basis", "case-number") if known.get(name))
