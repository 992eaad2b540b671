"""Every register of the office, one line each: whose rows, which columns, who sees it."""

from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from rejent.access import authorisation_queries as authorisations
from rejent.access.viewings import protocols
from rejent.cases import queries as cases
from rejent.cases.copies import queries as copies
from rejent.cases.copies.views import CopyView
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.notices.plates import queries as plates
from rejent.notices.publication import queries as publications
from rejent.notices.publication.views import PUBLISHED
from rejent.office.breaches import queries as breaches
from rejent.office.people import maintenance, statements
from rejent.office.regulation.provisions import StreamRules
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.registers.books.acts import Acts
from rejent.retention import queries as retention
from rejent.web.cases.copies import listing
from rejent.web.cases.listing import applications
from rejent.web.notices import words as notices
from rejent.web.registers import register_books as books
from rejent.web.registers.books.register import Register, Row, cells_of
from rejent.web.registers.protocol_papers import protocols_book


def _of_destructions(rules: StreamRules) -> tuple[str, ...]:
    """Return where a regulation wants destructions in its register of actions; its words stand among those on copies."""
    return (rules.copies.clause,) if rules.copies.action_register else ()


def _of_channels(rules: StreamRules, channels: Iterable[NoticeChannel]) -> tuple[str, ...]:
    return (rules.notices.clause,) if set(channels) & set(rules.notices.channels) else ()


_NAMED_BY_LAW = (
    Register(
        name="disclosures",
        title=lazy(listing.disclosures_title, str)(),
        clauses=lambda rules: (rules.handover.clause,),
        act="see-cases",
        rows=copies.HAND_OVERS,
        columns=listing.disclosure_titles,
        cells=listing.disclosure_rows,
        link=lambda view: reverse("copy", args=[view.copy]),
    ),
    Register(
        name="actions",
        title=_("Register of actions"),
        clauses=_of_destructions,
        act="see-ledger",
        rows=Acts(),
        **cells_of(books.actions),
        named=lambda act: str(act.index),
        link=lambda act: reverse("entry", args=[act.index]),
        page="ledger",
    ),
    Register(
        name="authorisations",
        title=_("Register of authorisations"),
        clauses=lambda rules: (rules.access.clause,),
        act="see-authorisations",
        rows=authorisations.REGISTER,
        **cells_of(books.authorisations),
        link=lambda _view: reverse("authorisations"),
    ),
    Register(
        name="applications",
        title=_("Register of applications"),
        clauses=lambda rules: (rules.preservation.clause, rules.handover.clause),
        act="see-cases",
        rows=cases.REGISTER,
        **cells_of(applications),
        link=lambda view: reverse("case", args=[view.number]),
    ),
    Register(
        name="statements",
        title=_("Register of written statements"),
        clauses=lambda rules: (rules.notices.clause,) if rules.notices.new_staff_statement else (),
        law=_("Labour Code art. 22² § 8"),
        act="see-statements",
        rows=statements.REGISTER,
        **cells_of(books.statements),
        named=lambda view: str(view.id),
        link=lambda view: reverse("statement", args=[view.id]),
    ),
    Register(
        name="plates",
        title=_("Register of plates"),
        clauses=lambda rules: _of_channels(rules, [NoticeChannel.PLATE]),
        law=_("Labour Code art. 22² § 9"),
        concerns=lambda: notices.plates_concern(civil_date(settings.CLOCK.now())),
        act="see-notices",
        rows=plates.REGISTER,
        **cells_of(notices.plate_book),
        link=lambda view: reverse("plate", args=[view.number]),
    ),
    Register(
        name="publications",
        title=_("Register of publications"),
        clauses=lambda rules: _of_channels(rules, PUBLISHED),
        act="see-notices",
        rows=publications.REGISTER,
        **cells_of(notices.publication_book),
        link=lambda _view: reverse("publications"),
    ),
    Register(
        name="breaches",
        title=_("Register of breaches of personal data and incidents"),
        law=_("GDPR art. 33 sec. 5; act on the national cybersecurity system art. 11"),
        act="see-breaches",
        rows=breaches.REGISTER,
        **cells_of(books.breaches),
        link=lambda view: reverse("breach", args=[view.number]),
    ),
    Register(
        name="faults",
        title=_("Register of faults and outages"),
        act="see-agreements",
        rows=maintenance.REGISTER,
        **cells_of(books.faults),
    ),
    Register(
        name="holds",
        title=_("Register of holds"),
        clauses=lambda rules: (rules.extension.clause,),
        act="see-holds",
        rows=retention.HOLDS,
        **cells_of(books.holds),
        link=lambda view: reverse("hold", args=[view.number]),
    ),
    Register(
        name="protocols",
        title=_("Register of protocols"),
        clauses=lambda rules: (rules.access.protocol_clause,),
        act="see-viewings",
        rows=protocols.REGISTER,
        **cells_of(protocols_book),
        link=lambda view: reverse("protocol", args=[view.number]),
    ),
    Register(
        name="destructions",
        title=_("Register of destructions by the program"),
        clauses=_of_destructions,
        act="see-due",
        rows=retention.DESTRUCTIONS,
        **cells_of(books.destructions),
    ),
    Register(
        name="commissions",
        title=_("Register of commissions"),
        clauses=lambda rules: (rules.copies.clause,),
        act="see-copies",
        rows=copies.COMMISSIONS,
        **cells_of(listing.commission_book),
        link=lambda view: reverse("commission", args=[view.number]),
    ),
)


def registers() -> Iterator[Register]:
    """Yield every register: of copies one for each stream, then the others."""
    for stream in listing.copied_streams():
        yield _copies(stream)
    yield from (each for each in _NAMED_BY_LAW if each.concerns())


def register_called(name: str) -> Register:
    """Return a register by its name. Raises `NotFoundError`: there is none."""
    for each in registers():
        if each.name == name:
            return each
    raise NotFoundError("There is nothing at this address.")


def _copies(stream: str) -> Register:
    def cells(found: Sequence[CopyView]) -> Iterator[Row]:
        return listing.copy_rows(found, stream)

    return Register(
        name=f"{copies.BOOK}{stream}",
        title=listing.copies_title(stream),
        clauses=lambda rules: (rules.copies.clause,),
        stream=stream,
        act="see-copies",
        rows=copies.register(stream),
        columns=lambda: listing.copy_columns(stream),
        cells=cells,
        link=lambda view: reverse("copy", args=[view.number]),
        sorts=(("due_on", _("last day of its life")),),
    )
