"""Who handles the numbers of those who refused to be recorded: whoever oversees, and whoever may hear calls."""

from rejent.access import queries
from rejent.access.rules import SeeingAct, may_administer
from rejent.kernel.clock import Clock
from rejent.office.views import PersonView
from rejent.streams.calls.catalog.lines import CALLS

HANDLING = frozenset({"see-refusals", "see-refused-numbers", "refuse-number"})
"""What is also theirs whom the regulation in force names for recordings of calls, and who has an authorisation for them.

They take the calls of the office's clients, and hear who refuses. Taking a refusal back is not among it.
"""


def may_handle(person: PersonView, act: str, *, clock: Clock) -> bool:
    """Whether somebody may do an act of handling refused numbers: by the table, or because they may hear calls."""
    if may_administer(person.roles, act).allowed:
        return True
    calls = CALLS
    return act in HANDLING and bool(
        queries.visible_sources(person, SeeingAct.RECORDINGS, clock=clock, of_stream=calls)
    )
