"""E-mail by the statute: other monitoring, whose period needs a reason, and whose necessity is assessed before it starts."""

from collections.abc import Iterator
from dataclasses import replace

from rejent.kernel.sentences import Sentence
from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands
from rejent.office.regulation.findings import Problem
from rejent.office.regulation.gates import Condition, FactKind, Gate
from rejent.office.regulation.sections import OTHER_MONITORING
from rejent.office.regulation.vocabulary import SecondPerson

_DEMANDS = Demands()


@_DEMANDS.enlist("access.second_person")
def _two_people_open_a_message(case: Case) -> Iterator[Problem]:
    if case.rules.access.second_person is not SecondPerson.ALWAYS:
        template = "Messages are opened by two people together: state second_person = always."
        yield case.broken(law.SECRECY_OF_MAIL, template, "access", "second_person")


def _conditions(gate: Gate) -> Iterator[Condition]:
    yield gate.condition(
        FactKind.NECESSITY_ASSESSED,
        law.SECRECY_OF_MAIL,
        gate.first(FactKind.NECESSITY_ASSESSED),
        Sentence("The assessment that e-mail must be monitored is not entered."),
    )


SECTION = replace(OTHER_MONITORING, demands=(*OTHER_MONITORING.demands, _DEMANDS), conditions=_conditions)
