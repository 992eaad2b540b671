"""Groups of kinds of acts, by which the register is filtered."""

from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import all_acts
from rejent.web.stream_parts import WORDS, Words

GROUP = "group:"
"""Beginning of a group's name where a kind of act could stand."""

_PREFIXES: Mapping[str, str] = {
    "seeing": "access viewing live protocol supervision",
    "accounts": "session token person people",
    "rights": "authorisation absence agreement statement fault breach",
    "recording": "source gap segment day-key storage",
    "keeping": "hold destruction erasure key keys clock",
    "office": "installation regulation gate place station alarm registers",
}
"""The first words of the names of acts, by group."""
_TITLES: Words = {
    "seeing": _("Viewing, live picture, refusals"),
    "accounts": _("Signing in and accounts"),
    "rights": _("Authorisations and duties"),
    "recording": _("Sources and recording"),
    "keeping": _("Holds and destruction"),
    "office": _("Office and register"),
}


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Return the names of acts by the name of their group, those of streams in a group of their own."""
    by_prefix = {prefix: name for name, prefixes in _PREFIXES.items() for prefix in prefixes.split()}
    of_stream = {act: stream for stream, words in WORDS.items() for act in words.nouns}
    found: dict[str, list[str]] = {name: [] for name in (*_PREFIXES, *dict(WORDS.items()))}
    for act in all_acts():
        found[of_stream.get(act) or by_prefix.get(act.partition(".")[0], "office")].append(act)
    return {GROUP + name: tuple(acts) for name, acts in found.items() if acts}


def group_title(name: str) -> str | Promise:
    """Return a group's title."""
    bare = name.removeprefix(GROUP)
    return _TITLES[bare] if bare in _TITLES else WORDS.of(bare).name


def acts_of(kind: str) -> tuple[str, ...]:
    """Return the names of the acts that a kind or a group stands for; none for the empty one."""
    return groups().get(kind) or ((kind,) if kind else ())
