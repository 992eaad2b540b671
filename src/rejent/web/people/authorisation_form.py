"""An authorisation as the paper that its issuer and the authorised person sign."""

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from rejent.access import authorisation_queries
from rejent.access.authorisation_queries import entries_of_authorisations
from rejent.access.rules.decision import SeeingAct
from rejent.access.views import AuthorisationView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.documents.papers import Form
from rejent.kernel.clock import civil_date
from rejent.notices.documents.staff import duties
from rejent.office import queries as office
from rejent.office.errors import NoSuchPersonError
from rejent.office.regulation.provisions import Access, Regulation
from rejent.web.registers.letterheads import letterhead
from rejent.web.stream_parts import PAGES
from rejent.web.words.acts import Names
from rejent.web.words.identifiers import in_words
from rejent.web.words.wording import day_digits, day_short

Fact = tuple[str, tuple[str, ...]]


def authorisation_form(issued: AuthorisationView, *, with_secret_places: bool) -> Form:
    """Return the paper in the reader's language, by the regulation in force on the authorisation's first day.

    Secret places (R-VID-6) are named only ``with_secret_places``. Raises NoRegulationError: none was in force that day.
    """
    regulation = office.verified_regulation(issued.valid_from)
    rules = regulation.stream(issued.stream)
    provisions = rules.access if rules else Access()
    number = {"number": issued.number}
    return Form(
        letterhead=letterhead(
            gettext("Authorisation %(number)s") % number,
            made_at=issued.revoked_at or issued.issued_at,
            entry=entries_of_authorisations().get(issued.number),
            office=regulation.name,
        ),
        opening=gettext(
            "%(controller)s authorises the person named below to use the monitoring within the limits stated here."
        )
        % {"controller": regulation.controller},
        facts=(
            *_whom(issued),
            *_what(issued, provisions, with_secret_places=with_secret_places),
            *_when(issued),
            *_by_whom(issued, regulation, provisions),
        ),
        duties_title=gettext("Duties of the authorised person"),
        duties=tuple(
            duties(
                provisions,
                recordings=SeeingAct.RECORDINGS in issued.acts,
                ban=str(PAGES.of(issued.stream).words.ban),
            )
        ),
        undertaking=gettext(
            "I know the scope of this authorisation and undertake to fulfil the duties listed above."
        ),
        signatures=(
            gettext("date and signature of the issuer"),
            gettext("date and signature of the authorised person"),
        ),
    )


def data_set_of(stream: str, provisions: Access) -> str:
    """Return the data set as the regulation calls it, else the kind of monitoring."""
    return provisions.data_set or in_words("stream", stream) or stream


def _whom(issued: AuthorisationView) -> Iterator[Fact]:
    person = office.person(issued.person_id)
    yield gettext("Person"), (person.name,)
    if person.post:
        yield gettext("Post"), (person.post,)


def _what(issued: AuthorisationView, provisions: Access, *, with_secret_places: bool) -> Iterator[Fact]:
    scope = {
        SeeingAct.LIVE: gettext("watching the live picture"),
        SeeingAct.RECORDINGS: gettext("finding and playing recordings"),
    }
    yield gettext("Data set"), (data_set_of(issued.stream, provisions),)
    yield gettext("Scope"), tuple(scope[SeeingAct(act)] for act in sorted(issued.acts))
    if issued.source_ids is None:
        yield gettext("Sources"), (gettext("every source of this data set, later ones included"),)
        return
    known = catalog.sources(issued.stream, removed=True, with_secret_places=with_secret_places)
    yield gettext("Sources"), tuple(_placed(one) for one in known if one.id in issued.source_ids)


def _placed(source: SourceView) -> str:
    where = ", ".join(part for part in (source.building, source.place) if part)
    return f"{source.name} ({where})" if where else source.name


def _when(issued: AuthorisationView) -> Iterator[Fact]:
    last = day_short(issued.valid_until) if issued.valid_until else gettext("until it is revoked")
    yield gettext("Valid from"), (day_short(issued.valid_from),)
    yield gettext("Valid until"), (last,)
    if issued.follows:
        yield gettext("Follows"), tuple(_followed(issued))
    if issued.revoked_at is not None:
        yield gettext("Revoked on"), (day_short(civil_date(issued.revoked_at)),)


def _followed(issued: AuthorisationView) -> Iterator[str]:
    former = authorisation_queries.authorisation(issued.follows)
    yield former.number
    days = (issued.valid_from - former.valid_until).days - 1 if former.valid_until else 0
    if days > 0:
        words = ngettext(
            "%(n)s day between them without an authorisation",
            "%(n)s days between them without an authorisation",
            days,
        )
        yield words % {"n": days}


def _by_whom(issued: AuthorisationView, regulation: Regulation, provisions: Access) -> Iterator[Fact]:
    version = office.version_in_force(issued.valid_from)
    in_force = gettext("version %(version)s, in force from %(day)s")
    yield (
        gettext("Basis"),
        (
            gettext("Article 29 and article 32(4) of the GDPR"),
            f"{provisions.clause} – {regulation.title}" if provisions.clause else regulation.title,
            in_force % {"version": version.version, "day": day_digits(version.in_force_from)},
        ),
    )
    yield gettext("Issued by"), (*_issuer(issued.issued_by, regulation), *_place_taken(issued, regulation))
    yield gettext("Issued on"), (day_short(civil_date(issued.issued_at)),)


def _issuer(actor: str, regulation: Regulation) -> tuple[str, ...]:
    """Return the issuer's name and post; where no person issued it, the controller and the program's part that entered it."""
    try:
        person = office.person(actor)
    except NoSuchPersonError:
        entered = gettext("entered through: %(what)s") % {"what": Names().person(actor)}
        return regulation.controller, entered
    return tuple(part for part in (person.name, person.post) if part)


def _place_taken(issued: AuthorisationView, regulation: Regulation) -> Iterator[str]:
    if issued.in_place_of:
        head = office.person(issued.in_place_of)
        named = ", ".join(part for part in (head.name, head.post or regulation.head) if part)
        yield gettext("in the place of: %(head)s") % {"head": named}
