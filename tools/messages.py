"""Messages for translation: find them in the sources, keep every ``.po`` in step, say what is wrong with the Polish.

    python tools/messages.py extract   lists every message with the subject it belongs to
    python tools/messages.py update    adds new messages to the .po of their subject, takes out those no longer used
    python tools/messages.py check     says what lacks Polish or does not fit; fails if anything does

Messages are English. They stand in calls of gettext, in templates, and, because pure subjects translate nothing, in
parameters named `template`, `plural`, `advice`, `sentence` or `meaning` of any function or class of ours: whoever
shows such a text translates it. A message has one home, the lowest subject that uses it.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po, write_po
from messages_adopted import ADOPTED
from messages_in_python import Spoken, spoken_in
from messages_in_templates import messages_in_template

PACKAGE = Path(__file__).parent.parent / "src" / "rejent"
SUBJECTS = {
    "office": ("kernel", "office"),
    "devices": ("devices",),
    "catalog": ("catalog",),
    "retention": ("vault", "retention"),
    "registers": ("ledger", "documents", "registers"),
    "recording": ("formats", "recording"),
    "content": ("content",),
    "access": ("access",),
    "evidence": ("evidence",),
    "cases": ("cases",),
    "notices": ("notices",),
    "web": ("web", "api", "cli", "ops"),
    "streams/cameras": ("streams/cameras",),
    "streams/calls": ("streams/calls",),
    "streams/mail": ("streams/mail",),
}
"""Which .po speaks for which folders: pure folders are no applications of Django, so a subject above speaks for them."""

HOLE = re.compile(r"%\((\w+)\)[a-z]|(?<!\{)\{(\w*)\}(?!\})")
PLURALS = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"
HEADER = rf"""# Polish of {{folders}}.
msgid ""
msgstr ""
"Language: pl\n"
"Plural-Forms: {PLURALS};\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
"""The same on every run, so that a file changes only with its messages."""


@dataclass(slots=True)
class Needed:
    """A message and where it stands.

    Attributes:
        home: the subject whose .po translates it.
        places: file and line, relative to the package.
    """

    spoken: Spoken
    home: str
    places: list[str] = field(default_factory=list)


def needed() -> dict[tuple[str, str], Needed]:
    """Every message of the sources, by context and text."""
    found: dict[tuple[str, str], Needed] = {}
    python = spoken_in(PACKAGE)
    for subject, folders in SUBJECTS.items():
        for folder in folders:
            for path in sorted((PACKAGE / folder).rglob("*")):
                if path.suffix == ".py":
                    messages = python.get(path, [])
                elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                    messages = list(messages_in_template(path.read_text()))
                else:
                    continue
                for spoken in messages:
                    one = found.setdefault((spoken.context, spoken.text), Needed(spoken, subject))
                    one.places.append(f"{path.relative_to(PACKAGE)}:{spoken.line}")
                    if spoken.plural and not one.spoken.plural:
                        one.spoken = spoken
    for spoken in ADOPTED:
        one = found.setdefault((spoken.context, spoken.text), Needed(spoken, "web"))
        one.places.append("adopted")
    return found


def catalogue_of(subject: str) -> Path:
    """Return the path of a subject's Polish texts."""
    return PACKAGE / subject / "locale" / "pl" / "LC_MESSAGES" / "django.po"


def read(subject: str) -> Catalog:
    """Return a subject's Polish as it is; empty where it has no file yet."""
    path = catalogue_of(subject)
    if not path.exists():
        return Catalog(locale="pl")
    with path.open("rb") as text:
        return read_po(text, locale="pl")


def entries(catalogue: Catalog) -> Iterator[tuple[tuple[str, str], Entry]]:
    """The entries of a catalogue by context and text."""
    for entry in catalogue:
        if entry.id:
            yield (entry.context or "", entry.id if isinstance(entry.id, str) else entry.id[0]), entry


def update() -> int:
    """Write every .po anew: what is needed, with the Polish there is; return how many messages lack it."""
    known: dict[tuple[str, str], Entry] = {}
    for subject in SUBJECTS:
        for key, entry in entries(read(subject)):
            if key not in known or not _complete(known[key]):
                known[key] = entry
    lacking = 0
    wanted = needed()
    for subject, folders in SUBJECTS.items():
        catalogue = Catalog(locale="pl")
        for key, one in sorted(wanted.items(), key=lambda item: (item[0][1], item[0][0])):
            if one.home == subject:
                kept = known.get(key)
                _add(catalogue, one.spoken, kept)
                lacking += kept is None or not _complete(kept)
        if len(catalogue):
            path = catalogue_of(subject)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as text:
                text.write(HEADER.format(folders=", ".join(folders)).encode())
                write_po(text, catalogue, width=0, omit_header=True)
    return lacking


def _add(catalogue: Catalog, spoken: Spoken, kept: Entry | None) -> None:
    if spoken.plural:
        counted = kept is not None and not isinstance(kept.string, str)
        forms = _forms(kept) if kept is not None and counted else ["", "", ""]
        catalogue.add((spoken.text, spoken.plural), tuple(forms), context=spoken.context or None)
    else:
        text = kept.string if kept is not None and isinstance(kept.string, str) else ""
        catalogue.add(spoken.text, text, context=spoken.context or None)


def _complete(entry: Entry) -> bool:
    return bool(entry.string) and all(_forms(entry))


def _forms(entry: Entry) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else list(entry.string or ())


def complaints() -> Iterator[str]:
    """Yield what is wrong with the Polish, one line each."""
    wanted = needed()
    homes: dict[tuple[str, str], str] = {}
    for subject in SUBJECTS:
        for key, entry in entries(read(subject)):
            if key in homes:
                yield f"{subject}: said in {homes[key]} too: {key[1]!r}"
            homes[key] = subject
            one = wanted.get(key)
            if one is None:
                yield f"{subject}: no longer used: {key[1]!r}"
            elif not _complete(entry):
                yield f"{subject}: lacks Polish: {key[1]!r} ({one.places[0]})"
            else:
                yield from _unfitting(subject, one.spoken, entry)
    for key, one in wanted.items():
        if key not in homes:
            yield f"{one.home}: lacks Polish: {key[1]!r} ({one.places[0]})"


def _unfitting(subject: str, spoken: Spoken, entry: Entry) -> Iterator[str]:
    if bool(spoken.plural) == isinstance(entry.string, str):
        yield f"{subject}: counted in one language only: {spoken.text!r}"
        return
    holes = holes_in(spoken.plural or spoken.text)
    for form in _forms(entry):
        if holes_in(form) != holes:
            yield f"{subject}: other places in the Polish: {spoken.text!r} – {form!r}"


def holes_in(text: str) -> set[str]:
    """The named places of a message."""
    return {percent or brace for percent, brace in HOLE.findall(text)}


def main() -> int:
    """Do what the command line asks; the number of complaints decides whether it failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=("extract", "update", "check"))
    act = parser.parse_args().act
    if act == "update":
        print(f"{update()} messages lack Polish")
        return 0
    if act == "extract":
        for (context, text), one in needed().items():
            print(f"{one.home}\t{one.places[0]}\t{context}\t{text}")
        return 0
    wrong = list(complaints())
    print("\n".join(wrong) or f"{len(needed())} messages, all with their Polish")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
