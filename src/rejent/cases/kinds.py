"""Kinds of applications as data: what each must state, by when it is answered, what it does to recordings. Pure.

A kind is one line of `KINDS`, a right of a recorded person one of `RIGHTS`; nothing else asks which kind a case is of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from django.utils.translation import gettext_noop

from rejent.cases.views import Identity, Kind, State
from rejent.kernel.terms import Length, Unit
from rejent.office.regulation.provisions import StreamRules
from rejent.office.regulation.vocabulary import ApplicationField, LatePolicy, LegalBasis, Right

_DECISIONS = (State.GRANTED, State.PARTLY, State.REFUSED)
_FOUND_BY = (
    ApplicationField.PLACE,
    ApplicationField.CALLER_NUMBER,
    ApplicationField.CALLED_NUMBER,
    ApplicationField.TELEPHONE_NUMBER,
)
_NAMED = (ApplicationField.APPLICANT, ApplicationField.DATE)


@dataclass(frozen=True, slots=True)
class Demands:
    """What a regulation says of one kind of application.

    ``offered``: what it may state besides; ``window``: within how long after the event it is filed; None for any time; ``late``: what
    becomes of later ones; ``posting_date_counts``: whether the day of posting counts as the day of filing; ``refused_since``: the sentence
    on why refusal alone is left, with ``{clause}``; empty where it is not.
    """

    fields: tuple[ApplicationField, ...]
    offered: tuple[ApplicationField, ...] = ()
    window: Length | None = None
    late: LatePolicy = LatePolicy.ACCEPTED
    posting_date_counts: bool = True
    written: bool = False
    clause: str = ""
    outcomes: tuple[State, ...] = _DECISIONS
    refused_since: str = ""


@dataclass(frozen=True, slots=True)
class KindRules:
    """A kind of application.

    ``recordings``: it is about recordings, which are looked for and held; ``answer_within``: the term of its answer, counted from the
    receipt; None where the provisional hold sets the day; ``at_most``: the longest term from the receipt, once the answer is put off with
    reasons; None where it is not; ``grounds``: the provision it rests on where neither the regulation nor the applicant names one;
    ``of_a_right``: it names a right of the person who asks, and how it was seen who that is.
    """

    demands: Callable[[StreamRules], Demands]
    recordings: bool = True
    answer_within: Length | None = None
    at_most: Length | None = None
    grounds: str = ""
    of_a_right: bool = False


@dataclass(frozen=True, slots=True)
class RightRules:
    """A right of the person recorded.

    Attributes:
        bases: the legal grounds of processing under which the law gives it; None for all.
        held: recordings are kept from destruction until the decision.
        restricts: once it is granted, nobody opens them until the hold ends.
        erases: once it is granted, what no hold keeps is destroyed before its term.
        blocks: nobody opens them from the application on, until the decision.
        notifies: once it is granted, whoever got the recording is told (GDPR art. 19).
        copied: once it is granted, the person gets a copy, with what shows others hidden (GDPR art. 15(4), 20(4)).
    """

    article: str
    bases: frozenset[LegalBasis] | None = None
    held: bool = False
    restricts: bool = False
    erases: bool = False
    blocks: bool = False
    notifies: bool = False
    copied: bool = False

    def given(self, grounds: tuple[LegalBasis, ...]) -> bool:
        """Return whether the law gives it where recordings are made on these grounds."""
        return self.bases is None or bool(self.bases & set(grounds))


NO_PUBLIC_INFORMATION = gettext_noop("Recordings of monitoring are no public information ({clause}).")
NO_SUCH_RIGHT = gettext_noop("The law does not give this right on the grounds of this monitoring ({clause}).")


def _refused(demands: Demands, sentence: str) -> Demands:
    return replace(demands, outcomes=(State.REFUSED,), refused_since=sentence)


def _preservation(rules: StreamRules) -> Demands:
    asking = rules.preservation
    return Demands(
        asking.fields,
        (ApplicationField.DESCRIPTION,),
        asking.window,
        asking.late,
        asking.posting_date_counts,
        asking.written,
        asking.clause,
    )


def _disclosure(rules: StreamRules) -> Demands:
    """A body's own form leads to the recording as well; where it asks for nothing that does, what the other form asks for may be stated."""
    handing = rules.handover
    sought = () if set(_FOUND_BY) & set(handing.fields) else _finding(rules)
    return Demands(
        handing.fields,
        (*sought, ApplicationField.LEGAL_BASIS, ApplicationField.CASE_NUMBER, ApplicationField.PURPOSE),
        posting_date_counts=rules.preservation.posting_date_counts,
        written=handing.written_application,
        clause=handing.clause,
    )


def _right(rules: StreamRules) -> Demands:
    return Demands(_NAMED, (*_finding(rules), ApplicationField.DESCRIPTION), clause=rules.notices.clause)


def _public_information(rules: StreamRules) -> Demands:
    """Recordings are no public information, unless the regulation says otherwise (R-REQ-7)."""
    handing = rules.handover
    demands = Demands((ApplicationField.APPLICANT, ApplicationField.DESCRIPTION), clause=handing.clause)
    return demands if handing.public_information else _refused(demands, NO_PUBLIC_INFORMATION)


def _internal(rules: StreamRules) -> Demands:
    fields = (*_NAMED, ApplicationField.PURPOSE)
    return Demands(fields, (*_finding(rules), ApplicationField.DESCRIPTION), clause=rules.extension.clause)


def _finding(rules: StreamRules) -> tuple[ApplicationField, ...]:
    """Return what the regulation's own forms ask for so that a recording can be found."""
    asked = {*rules.preservation.fields, *rules.handover.fields}
    return tuple(field for field in _FOUND_BY if field in asked)


KINDS: Mapping[Kind, KindRules] = MappingProxyType(
    {
        Kind.PRESERVATION: KindRules(_preservation),
        Kind.DISCLOSURE: KindRules(_disclosure),
        Kind.RIGHT: KindRules(
            _right,
            answer_within=Length(1, Unit.MONTHS),
            at_most=Length(3, Unit.MONTHS),
            grounds="art. 12 ust. 3 RODO",
            of_a_right=True,
        ),
        Kind.PUBLIC_INFORMATION: KindRules(
            _public_information,
            recordings=False,
            answer_within=Length(14, Unit.DAYS),
            grounds="art. 1 ust. 1 i art. 13 ust. 1 ustawy o dostępie do informacji publicznej",
        ),
        Kind.INTERNAL: KindRules(_internal),
    }
)

RIGHTS: Mapping[Right, RightRules] = MappingProxyType(
    {
        Right.ACCESS: RightRules("art. 15 RODO", held=True, copied=True),
        Right.RECTIFICATION: RightRules("art. 16 RODO", notifies=True),
        Right.ERASURE: RightRules("art. 17 RODO", erases=True, notifies=True),
        Right.RESTRICTION: RightRules("art. 18 RODO", held=True, restricts=True, notifies=True),
        Right.PORTABILITY: RightRules(
            "art. 20 RODO", frozenset({LegalBasis.CONSENT, LegalBasis.CONTRACT}), held=True, copied=True
        ),
        Right.OBJECTION: RightRules(
            "art. 21 RODO", frozenset({LegalBasis.PUBLIC_TASK}), erases=True, notifies=True
        ),
        Right.WITHDRAWAL: RightRules(
            "art. 7 ust. 3 RODO", frozenset({LegalBasis.CONSENT}), erases=True, blocks=True, notifies=True
        ),
    }
)
"""Rights that are asked of the office; a complaint goes to the supervisory authority.

Grounds: GDPR art. 20(1)(a) and 21(1); a public authority relies on no legitimate interest for its tasks (art. 6(1), last sentence).
"""

UNPROVEN = frozenset({"", Identity.NOT_SHOWN.value})
"""Identity that lets no right be granted (GDPR art. 12(6))."""


def demands_of(rules: StreamRules, kind: Kind, right: str = "") -> Demands:
    """Return what a stream's rules say of a kind of application; of a right that the law does not give here, refusal is left.

    Any letter may bear a day of its own.
    """
    demands = KINDS[kind].demands(rules)
    demands = replace(demands, offered=(*demands.offered, ApplicationField.LETTER_DAY))
    if right and not RIGHTS[Right(right)].given(rules.legal_basis):
        return replace(_refused(demands, NO_SUCH_RIGHT), clause=RIGHTS[Right(right)].article)
    return demands


def rules_of_right(right: str) -> RightRules:
    """Return the rules of a right by its name; of no right, that nothing follows."""
    return RIGHTS[Right(right)] if right else RightRules("")


def looks_for(kind: Kind, right: str) -> bool:
    """Return whether the recordings that an application is about are looked for when it is entered."""
    rule = rules_of_right(right)
    return (KINDS[kind].recordings and (rule.held or not right)) or rule.erases
