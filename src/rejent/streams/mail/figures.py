"""Figures of e-mail for the command, besides those of every source."""

from collections.abc import Mapping

from rejent.catalog.views import SegmentView
from rejent.cli.stream_parts import StreamFigures
from rejent.kernel.clock import Clock


def _status(_clock: Clock) -> Mapping[str, object]:
    from rejent.streams.mail.messages.sealing import KeyRole
    from rejent.streams.mail.processes import journals
    from rejent.streams.mail.records.role_keys import role_recipients

    held = role_recipients() if journals() else None
    return {"roles_without_key": [role.value for role in KeyRole if held is not None and not held[role]]}


def _lines(figures: Mapping[str, object]) -> list[str]:
    lacking = figures["roles_without_key"]
    return [
        f"the role {role} has no key, so nothing is received: rejent mail key DIR --role {role} --holder POST"
        for role in (lacking if isinstance(lacking, list) else ())
    ]


def _of_object(segment: SegmentView) -> dict[str, object]:
    return {"messages": segment.units}


FIGURES = StreamFigures(status=_status, lines=_lines, of_object=_of_object)
