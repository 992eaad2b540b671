"""What readers read: every message has its Polish, fits it, and keeps to plain words."""

import importlib
import re
import sys
from collections.abc import Iterator
from gettext import c2py
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from rejent.kernel.acts import all_acts

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted((ROOT / "src" / "rejent").rglob("templates/**/*.html"))
sys.path.insert(0, str(ROOT / "tools"))

messages = importlib.import_module("messages")
messages_in_python = importlib.import_module("messages_in_python")
messages_in_templates = importlib.import_module("messages_in_templates")

POLISH: dict[str, Catalog] = {subject: messages.read(subject) for subject in messages.SUBJECTS}
FORMS = [
    (subject, form)
    for subject, catalogue in POLISH.items()
    for _, entry in messages.entries(catalogue)
    for form in ([entry.string] if isinstance(entry.string, str) else entry.string)
]
PERSONAL = re.compile(r"\b\w+(łeś|łaś|łbyś|łabyś)\b|\bzrobił[ea]?m\b|\b\w+(ł|ła)/\w+", re.IGNORECASE)
POLITE = re.compile(
    r"\bproszę\b|\bprosimy\b|\buprzejmie\b|\bPan[ai]?\b|\bPaństw[oau]\b(?! członkowski)|\bTw[oó]j|\bTwoj|\bTobie\b|\bCi\b|\bCię\b|\bciebie\b|\bmusisz\b|\bmożesz\b",
    re.IGNORECASE,
)
TERMS = re.compile(r"na żywo|rejestr\w* czynności(?! przetwarzania)|wideo|\bpodgląd nagra", re.IGNORECASE)
"""Words that stand beside a term of the regulations: bieżący obraz, rejestr działań, nagranie, odtworzenie. The register of GDPR art. 30 is called as the law calls it."""
VAGUE = re.compile(r"\bOK\b|nieprawidłow|niniejsz|przedmiotow|\bniepoprawn", re.IGNORECASE)

WEEKDAYS = frozenset({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"})
"""Their Polish is an abbreviation and ends with its point."""
AS_THEY_ARE = frozenset(
    {
        "Rejent",
        "Polski",
        "English",
        "Page Up",
        "Page Down",
        "Home",
        "End",
        "Enter",
        "act",
        "Linux",
        "macOS",
        "Windows",
    }
)
"""Texts of templates that are the same in every language: names, keys, the word of the ledger itself."""
WRITTEN_SO = re.compile(r"21 listopada, wczoraj, w środę|rejent (fsck|ledger verify)|\bverify\.py\b")
"""Polish habits of writing a date, shown as examples; commands."""
SPOKEN_ATTRIBUTES = frozenset({"title", "aria-label", "placeholder", "alt", "data-title"})


def test_every_message_has_a_polish_translation_with_the_same_places() -> None:
    """A message without Polish, with other places, said twice or no longer used is named with its file."""
    assert list(messages.complaints()) == []


def test_no_text_for_readers_is_put_together_in_the_source() -> None:
    """A sentence glued from parts has no translation, so facts fill its places instead."""
    assert list(messages_in_python.untranslatable(messages.PACKAGE)) == []


@pytest.mark.parametrize(
    "pattern", [PERSONAL, POLITE, VAGUE, TERMS], ids=["personal", "polite", "vague", "terms"]
)
def test_polish_keeps_to_plain_and_neutral_words(pattern: re.Pattern[str]) -> None:
    """Nothing is said in the gendered past or to „ty”, and nothing begs, approves with OK or is merely incorrect."""
    assert [(subject, form) for subject, form in FORMS if pattern.search(form)] == []


def test_polish_writes_its_own_quotation_marks() -> None:
    """Straight and English quotation marks do not stand in Polish."""
    assert [(subject, form) for subject, form in FORMS if re.search(r"[\"“]", form)] == []


def test_polish_ends_like_the_english() -> None:
    """A sentence ends with a full stop in both languages or in neither, so that lists and titles stay even."""
    uneven = [
        (key[1], entry.string)
        for catalogue in POLISH.values()
        for key, entry in messages.entries(catalogue)
        if isinstance(entry.string, str) and not key[0] and key[1].endswith(".") != entry.string.endswith(".")
    ]
    assert [
        pair for pair in uneven if not pair[0].endswith(("…", "_ only.")) and pair[0] not in WEEKDAYS
    ] == []


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "dni"), (1, "dzień"), (2, "dni"), (5, "dni"), (12, "dni"), (22, "dni"), (101, "dni")],
)
def test_polish_counts_days(number: int, said: str) -> None:
    """The form that the catalogue's own rule chooses for a number of days is the right one."""
    day = ("%(n)s day", "%(n)s days")
    entry = next((each.get(day) for each in POLISH.values() if each.get(day)), None)
    rule = messages.PLURALS.rpartition("plural=")[2]
    assert entry is not None
    assert isinstance(entry.string, tuple)
    assert entry.string[c2py(rule)(number)] == f"%(n)s {said}"


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "przerw"), (1, "przerwa"), (3, "przerwy"), (5, "przerw"), (13, "przerw"), (24, "przerwy")],
)
def test_polish_counts_gaps(number: int, said: str) -> None:
    """The form that the catalogue's own rule chooses for a number of gaps is the right one."""
    entry = POLISH["web"].get(("%(n)s gap", "%(n)s gaps"))
    rule = messages.PLURALS.rpartition("plural=")[2]
    assert entry is not None
    assert isinstance(entry.string, tuple)
    assert entry.string[c2py(rule)(number)] == f"%(n)s {said}"


def test_every_act_has_a_sentence_in_both_languages() -> None:
    """Whatever stands in the ledger can be read as a sentence, in English and in Polish."""
    polish = {key[1] for catalogue in POLISH.values() for key, _ in messages.entries(catalogue)}
    with translation.override("en"):
        ours = {name: act for name, act in all_acts().items() if not name.startswith("test.")}
        silent = [name for name, act in ours.items() if str(act.sentence) not in polish]
    assert ours
    assert silent == []


def test_templates_hold_no_untranslated_text() -> None:
    """Whatever a page says between its tags or in a spoken attribute goes through a translation."""
    assert [(path.name, text) for path in TEMPLATES for text in _bare_texts(path)] == []


def test_every_page_is_searched_for_messages() -> None:
    """A template that translates something yields messages, so the search sees what Django sees."""
    silent = [
        path.name
        for path in TEMPLATES
        if re.search(r"\{% (blocktranslate|translate) ", path.read_text())
        and not list(messages_in_templates.messages_in_template(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "Hall" %}', [("Hall", "", "")]),
        ("{% translate 'Hall' context \"room\" %}", [("Hall", "", "room")]),
        ('{% translate "5 % left" %}', [("5 %% left", "", "")]),
        ("{% blocktranslate with n=x %}Entry {{ n }}{% endblocktranslate %}", [("Entry %(n)s", "", "")]),
        (
            "{% blocktranslate count n=x %}{{ n }} gap{% plural %}{{ n }} gaps{% endblocktranslate %}",
            [("%(n)s gap", "%(n)s gaps", "")],
        ),
        ('{% state "held" _("in force") %}', [("in force", "", "")]),
        ("{{ name }} – plain", []),
    ],
)
def test_the_search_finds_what_a_template_translates(source: str, found: list[tuple[str, str, str]]) -> None:
    """Each way in which a template names a message is understood as Django understands it."""
    spoken = messages_in_templates.messages_in_template(source)
    assert [(one.text, one.plural, one.context) for one in spoken] == found


class _Words(HTMLParser):
    """The texts of a page and of its spoken attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take spoken attributes; nothing is spoken inside code and scripts."""
        self._silent += tag in {"script", "style"}
        self.texts += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        """Speak again after code and scripts."""
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        """Take what stands between tags."""
        if not self._silent:
            self.texts.append(data)


def _bare_texts(path: Path) -> Iterator[str]:
    source = re.sub(
        r"\{% block (?:column|body_class) %\}.*?\{% endblock %\}|\{%-? *(blocktrans\w*).*?%\}.*?\{% *end\1 *%\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
        "",
        path.read_text(),
        flags=re.DOTALL,
    )
    words = _Words()
    words.feed(source)
    for text in words.texts:
        bare = " ".join(text.split())
        if re.search(r"[^\W\d_]{2}", bare) and not _known(bare):
            yield bare


def _known(text: str) -> bool:
    return text.strip(" –·:,×") in AS_THEY_ARE or WRITTEN_SO.search(text) is not None
