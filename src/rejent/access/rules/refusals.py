"""Refusals that depend on nothing but the rule: each said in one way."""

from rejent.access.rules import sentences
from rejent.access.rules.decision import Decision, Rule

VIEWING_ENDED = Decision(False, Rule.VIEWING_ENDED, "This viewing has ended.", advice="Open a new one.")
NOT_THEMSELVES = Decision(
    False,
    Rule.OWN,
    "Nobody authorises themselves.",
    advice="Somebody else who issues authorisations does, or it is entered at the command line from the signed paper.",
)
NOT_ISSUER = Decision(
    False,
    Rule.NOT_ISSUER,
    "The regulation in force lets somebody else issue authorisations.",
    advice="The regulation is changed by the head of the office.",
)
NOT_THEIR_PROTOCOL = Decision(
    False,
    Rule.NOT_THEIRS,
    "Only who opened a viewing writes its protocol.",
    advice="Where that person has left the office, the head or the deputy finishes it.",
)
NOT_THEIR_POSITION = Decision(
    False,
    Rule.NOT_THEIRS,
    "The regulation leaves the position on this protocol to somebody else.",
    advice="The head of the office states it; the deputy where the regulation says so.",
)
POSITION_ON_THEIR_OWN = Decision(
    False,
    Rule.OWN,
    "Nobody states the position on a protocol of their own, or of an account that shares something with theirs, "
    "while somebody else may.",
    advice="Another person whom the regulation names states it.",
)
NOT_WATCHED = Decision(
    False,
    Rule.ROLE_DOES_NOT_ADMINISTER,
    sentences.NOT_WATCHED_LIVE,
    advice=sentences.ROLES_ARE_GIVEN,
)
"""Of a source that a guard need not know of."""
NOT_ADMITTED = Decision(
    False,
    Rule.STATEMENT_MISSING,
    sentences.STATEMENT_FIRST,
    advice=sentences.WHO_ENTERS_STATEMENTS,
    now=sentences.SIGN_ONE,
)
