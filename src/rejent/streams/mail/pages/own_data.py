"""What the archive of e-mail keeps about a person: sealed messages, and nothing that is tied to anybody while they are closed."""

from django.utils.translation import gettext

from rejent.catalog import queries as catalog
from rejent.office.views import PersonView
from rejent.streams.mail.kind import KIND
from rejent.web.stream_parts import OwnData


def own_data(_person: PersonView) -> OwnData:
    """Return the journals in use."""
    journals = sorted(one.name for one in catalog.sources(KIND.name) if one.switched_on)
    kept = [
        gettext("Messages of the mailboxes that hand theirs to the journal %(name)s.") % {"name": name}
        for name in journals
    ]
    return OwnData(
        kept=kept or [gettext("No journal is in use.")],
        unknown=[
            gettext(
                "Messages are sealed: while no case opens them the program does not know whose they are."
            ),
            gettext("Of messages marked private, and of those with exempt people, nothing is kept."),
        ],
    )
