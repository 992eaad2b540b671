"""Regulations of a demo office: its own, of Pleszew's kind, or one of the five examples under a made-up name."""

import re
from collections.abc import Iterable, Sequence

from rejent.access.rules.decision import Provisions, SeeingAct, may_be_authorised
from rejent.cli.stream_commands import Demo
from rejent.office.regulation.loading import example

OWN = "own"
_NAME = "Urząd Gminy Przykładowo"
_OWN_AUTHORISED = {"straz": ["live"], "podglad": ["live", "recordings"], "burmistrz": ["live"]}
_NEVER_AUTHORISED = frozenset({"nowa"})
"""Accounts that the demo leaves without, so that somebody can be authorised by hand."""


def demo_regulation(name: str) -> str:
    """Return the regulation of a demo office; no office of that name exists. Raises NotFoundError: no such example."""
    if name == OWN:
        return _own()
    text = re.sub(r'^(name|controller) = ".*"$', rf'\1 = "{_NAME}"', example(name), flags=re.MULTILINE)
    return re.sub(r'^contact = ".*"$', 'contact = "iod@przykladowo.example"', text, flags=re.MULTILINE)


def with_parts(text: str, parts: Iterable[Demo]) -> str:
    """Return a regulation with what each stream's part of the demo adds: places where it lists them, and provisions that it leaves open."""
    for part in parts:
        if part.areas:
            listed = ", ".join(f'"{each}"' for each in part.areas)
            text = text.replace('shown = "listed"', f'shown = "listed"\nareas = [{listed}]')
        text += part.rules
    return text


def _own() -> str:
    """Pleszew's rules, but live pictures may be watched, the deputy decides in the head's absence, a contractor comes on a fault."""
    replaced = {
        "Urząd Miasta i Gminy Pleszew": _NAME,
        "Burmistrz Miasta i Gminy Pleszew": "Burmistrz Przykładowa",
        "iod@pleszew.example": "iod@przykladowo.example",
        "live = []  ": 'live = ["guard", "viewer", "head"]  ',
        'head = "Burmistrz"': 'head = "Burmistrz"\ndeputy = "Zastępca Burmistrza"',
        "[streams.video.handover]": "[streams.video.handover]\ndeputy_in_absence = true",
        'second_person = "for-unauthorised"': 'second_person = "for-unauthorised"\ncontractor = "on-fault"',
    }
    text = example("pleszew")
    for real, fictional in replaced.items():
        text = text.replace(real, fictional)
    return text


def authorised(
    regulation: str, username: str, roles: Sequence[str], stream: str, provisions: Provisions | None
) -> list[str]:
    """Return the scope of an account's authorisation: under rules of an example, whatever they let its first role be."""
    if regulation == OWN:
        return _OWN_AUTHORISED.get(username, [])
    if username in _NEVER_AUTHORISED:
        return []
    first = frozenset(roles[:1])
    return [act.value for act in SeeingAct if may_be_authorised(first, act, stream, provisions) is None]
