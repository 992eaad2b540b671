"""What the archive of e-mail keeps about a person.

Sealed messages, tied to nobody while they are closed, and who read under a case about them.
"""

from django.utils.translation import gettext, ngettext

from rejent.access import queries as access
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office.views import PersonView
from rejent.streams.mail.kind import KIND
from rejent.streams.mail.messages.addresses import normal_address
from rejent.streams.mail.records.openings import openings_agreed
from rejent.streams.mail.records.readings import copied_in
from rejent.streams.mail.sources import is_history
from rejent.web.stream_parts import OwnData
from rejent.web.words.wording import day_digits


def own_data(person: PersonView) -> OwnData:
    """Return the journals in use, and the viewings of cases whose opening has the person's address."""
    viewings = _viewings(normal_address(person.email)) if person.email else []
    journals = sorted(
        (one.name, is_history(one.address_shown)) for one in catalog.sources(KIND.name) if one.switched_on
    )
    kept = [
        (
            gettext("Messages of mailboxes that were imported into “%(name)s”.")
            if is_past
            else gettext("Messages of the mailboxes that hand theirs to the journal “%(name)s”.")
        )
        % {"name": name}
        for name, is_past in journals
    ]
    return OwnData(
        kept=kept or [gettext("No journal is in use.")],
        unknown=[
            gettext(
                "Messages are sealed: while no case opens them the program does not know whose they are."
            ),
            gettext("Of messages marked private, and of those with exempt people, nothing is kept."),
            *(
                []
                if person.email
                else [gettext("Your e-mail address, and so which cases are about your messages.")]
            ),
        ],
        viewings=viewings,
        remarks={viewing.id: _copied(viewing) for viewing in viewings},
    )


def _viewings(address: str) -> list[ViewingView]:
    found = [
        viewing
        for opening in openings_agreed()
        if opening.scope.addresses and opening.scope.covers_people([address])
        for viewing in access.viewings(case=opening.case)
        if not opening.source_ids.isdisjoint(viewing.source_ids)
    ]
    once = {viewing.id: viewing for viewing in found}
    return sorted(once.values(), key=lambda viewing: viewing.opened_at, reverse=True)


def _copied(viewing: ViewingView) -> str:
    """Return how many messages of a viewing were copied in the clear, and when; whose they were is not known."""
    found = [copy for copy in copied_in(viewing.case) if copy.viewing == viewing.number]
    return "; ".join(
        ngettext(
            "%(n)s message copied, %(number)s of %(day)s",
            "%(n)s messages copied, %(number)s of %(day)s",
            copy.messages,
        )
        % {"n": copy.messages, "number": copy.number, "day": day_digits(civil_date(copy.at))}
        for copy in found
    )
