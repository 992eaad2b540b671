"""The Polish of every subject: complete, plain, without commands that bow or accuse."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import rejent

CATALOGUES = sorted(Path(rejent.__file__).parent.glob("**/locale/pl/LC_MESSAGES/django.po"))
FORBIDDEN = re.compile(
    r"\bprosz[ęe]\b|\bprosimy\b|\buprzejm|\bnieprawidłow|\bniniejsz|\bprzedmiotow|\bOK\b|\bPan(i|ią|u)?\b|"
    r"\b\w+(łeś|łaś|[aiyeą]łem|[aiyeę]łam)\b|\b(mógłby|mogłaby)\b",
    re.IGNORECASE,
)
ALLOWED = re.compile(r"pana pliku", re.IGNORECASE)
LONGEST_SENTENCE = 30


def _messages(file: Path) -> list[Message]:
    with file.open("rb") as text:
        return [message for message in read_po(text, locale="pl") if message.id]


def _forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (list, tuple)) else [message.string]


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-5])
def test_no_polish_sentence_bows_scolds_or_guesses_a_gender(file: Path) -> None:
    """No „proszę”, „nieprawidłowy”, „OK”, no address by gender, no past or conditional that knows who it is."""
    wrong = [
        form
        for message in _messages(file)
        for form in _forms(message)
        if FORBIDDEN.search(ALLOWED.sub("", form))
    ]
    assert wrong == []


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-5])
def test_polish_sentences_are_short(file: Path) -> None:
    """No sentence is longer than thirty words."""
    for message in _messages(file):
        for form in _forms(message):
            for sentence in re.split(r"(?<=[.!?:;])\s", form):
                assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


def test_letters_are_never_called_a_recording() -> None:
    """What is kept of e-mail is correspondence and messages, and a reading of it is one word on each page."""
    (mail,) = (file for file in CATALOGUES if file.parts[-5] == "mail")
    called = re.compile(r"\bnagra[nń]|\bczytani[aeu]\b", re.IGNORECASE)
    assert [form for message in _messages(mail) for form in _forms(message) if called.search(form)] == []


def test_acts_of_every_kind_of_recording_name_no_kind() -> None:
    """Opening, closing and the protocol are entered of pictures, calls and letters alike: only their number is said."""
    (access,) = (file for file in CATALOGUES if file.parts[-5] == "access")
    said = {str(message.id): _forms(message)[0] for message in _messages(access)}
    common = (
        "Viewing {number} of source", "Viewing {number} closed", "Viewing {number} reviewed", "Protocol of viewing",
        "Position stated on", "Note {note} appended", "Guest {guest} of viewing", "Agreement of the second person",
    )  # fmt: skip
    assert all(any(id_.startswith(one) for id_ in said) for one in common)
    assert [
        each for id_, each in said.items() if id_.startswith(common) and "odtworzeni" in each.lower()
    ] == []


def test_asking_for_an_opening_is_not_called_opening() -> None:
    """The button that opens letters and the one that asks leave to are two acts, and have two names."""
    (mail,) = (file for file in CATALOGUES if file.parts[-5] == "mail")
    said = {str(message.id): _forms(message)[0] for message in _messages(mail)}
    assert said["Open the messages"] != said["Ask for an opening of messages"]
