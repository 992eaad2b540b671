"""Whether the place of a source is marked: the register of plates stands in a layer above, and the settings hand it down."""

from datetime import date

from django.conf import settings

from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import earliest_start
from rejent.office import queries
from rejent.office.gates import Activation, Condition, FactKind, GateState
from rejent.office.regulation import law

PLACE_MARKED = "place-marked"
"""The name of the condition that each source meets for itself, beside those of its stream."""


def place_condition(activation: Activation, place: int | None) -> Condition | None:
    """Return the condition that a source's own place is marked (Labour Code art. 22² § 9); None where nothing asks for it."""
    if all(each.name != FactKind.PLACES_MARKED for each in activation.conditions):
        return None
    marked = settings.PLACES_MARKED(activation.stream, activation.day)
    if marked is None:
        return None
    since = marked.get(place)
    if since is None:
        statement = Sentence("No plate marks the place of the source.")
        return Condition(PLACE_MARKED, law.MARKING, statement, None, None, GateState.MISSING)
    return _met_from(since, activation)


def _met_from(since: date, activation: Activation) -> Condition:
    rules = queries.streams(activation.day)[activation.stream]
    first = earliest_start(since, rules.notices.marking_days)
    if first > activation.day:
        statement = Sentence("Met from {day}.", {"day": first})
        return Condition(PLACE_MARKED, law.MARKING, statement, first, None, GateState.WAITING)
    statement = Sentence("Met since {day}.", {"day": first})
    return Condition(PLACE_MARKED, law.MARKING, statement, first, None, GateState.MET)
