"""Every sentence of terms, findings and gates has its Polish."""

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from rejent.kernel import holidays
from rejent.kernel.explanations import DeadlinePurpose, explain_deadline
from rejent.kernel.terms import Length, Unit, deadline_to_act
from rejent.office.regulation import law, reading

SOURCES = Path(holidays.__file__).parent.parent
CATALOGUE = SOURCES / "office" / "locale" / "pl" / "LC_MESSAGES" / "django.po"
MODULES = [
    *(SOURCES / "kernel" / f"{name}.py" for name in ("terms", "holidays", "civil_time", "explanations")),
    *(
        SOURCES / "office" / f"{name}.py"
        for name in (
            "regulation/gates",
            "regulation/findings",
            "regulation/loading",
            "regulation/reading",
            "regulation/sections",
            "regulation/statute",
        )
    ),
]
PLACES = re.compile(r"\{(\w+)\}")


def literals(node):
    """The strings an expression can be, through conditions and joined literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def said_in(module):
    """The templates a module can say: of sentences, problems and errors."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "template":
            yield from literals(node.value)
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        arguments = node.args
        if name == "Sentence":
            yield from (text for argument in arguments[:1] + arguments[2:3] for text in literals(argument))
        elif name.endswith("Error") or ast.unparse(node.func) == "super().__init__":
            yield from (text for argument in arguments[:1] for text in literals(argument))
            yield from (
                text for word in node.keywords if word.arg == "advice" for text in literals(word.value)
            )
        elif name == "broken":
            yield from (text for argument in arguments[1:2] for text in literals(argument))


def everything_said():
    """Every string the Polish catalogue must hold."""
    texts = {text for module in MODULES for text in said_in(module)}
    texts |= {rule.meaning for rule in vars(law).values() if isinstance(rule, law.Rule)}
    texts |= {holiday.name for holiday in holidays.POLAND.holidays} | {day.value for day in holidays.Weekend}
    texts |= set(reading._KINDS.values()) | {"a time"}
    return sorted(text for text in texts if " " in text or text[:1].isalpha())


def catalogue():
    """Each message of the catalogue, singular and plural forms alike, with its translations."""
    with CATALOGUE.open("rb") as text:
        messages = read_po(text, locale="pl")
    found = {}
    for message in messages:
        if isinstance(message.id, tuple):
            found.update(dict.fromkeys(message.id, tuple(message.string)))
        elif message.id:
            found[message.id] = (message.string,)
    return found


POLISH = catalogue()


@pytest.mark.parametrize("text", everything_said())
def test_every_sentence_has_its_polish(text):
    """The translation is there, in every plural form, with the same named places."""
    assert text in POLISH
    for translated in POLISH[text]:
        assert translated
        assert set(PLACES.findall(translated)) == set(PLACES.findall(text))


def test_a_deadline_reads_in_polish():
    """The four lines come out in Polish, with the plural form that belongs to the number."""
    deadline = deadline_to_act(date(2026, 11, 7), Length(14, Unit.DAYS))
    now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    explanation = explain_deadline(deadline, DeadlinePurpose.FILE_APPLICATION, now, clause="§ 6 ust. 4")
    said = [" ".join(sentence.render(Polish()) for sentence in line) for line in explanation.lines]
    assert said == [
        "Termin złożenia wniosku: 2026-11-23, do końca dnia. Jeszcze 2 dni.",
        "Zdarzenie: 2026-11-07. Tego dnia nie wlicza się.",
        (
            "Termin: 14 dni; ostatni dzień: 2026-11-21. 2026-11-21 – dzień wolny: sobota."
            " 2026-11-22 – dzień wolny: niedziela. Termin przechodzi na: 2026-11-23."
        ),
        "Podstawa: regulamin, § 6 ust. 4; sposób liczenia: art. 57 Kodeksu postępowania administracyjnego.",
    ]


class Polish:
    """Polish straight from the catalogue, with plain dates."""

    def gettext(self, message):
        """The translation."""
        return POLISH[message][0]

    def ngettext(self, singular, plural, number):
        """The translation in the plural form of the number."""
        few = number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14}
        return POLISH[singular if number == 1 else plural][0 if number == 1 else 1 if few else 2]

    def day(self, day):
        """The date as ISO 8601."""
        return day.isoformat()
