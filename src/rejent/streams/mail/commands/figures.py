"""Figures of e-mail for the command, besides those of every source."""

from collections.abc import Mapping

from rejent.catalog.views import SegmentView
from rejent.cli.stream_parts import StreamFigures
from rejent.kernel.clock import Clock


def _status(clock: Clock) -> Mapping[str, object]:
    from rejent.streams.mail.messages.sealing import KeyRole
    from rejent.streams.mail.processes import journals
    from rejent.streams.mail.records.role_keys import role_recipients

    held = role_recipients() if journals() else None
    lacking = [role.value for role in KeyRole if held is not None and not held[role]]
    return {"roles_without_key": lacking, "mail_checks": _checks(clock)}


def _checks(clock: Clock) -> dict[str, str]:
    from django.conf import settings

    from rejent.streams.mail.threats.scanners import state_of
    from rejent.streams.mail.threats.settings import mail_settings

    return state_of(mail_settings(settings.INSTALLATION), clock)


def _lines(figures: Mapping[str, object]) -> list[str]:
    lacking = figures["roles_without_key"]
    checks = figures["mail_checks"]
    return [
        *(
            f"the role {role} has no key, so nothing is received: rejent mail key DIR --role {role} --holder POST"
            for role in (lacking if isinstance(lacking, list) else ())
        ),
        *(
            f"messages are checked by {name}: {state}"
            for name, state in (checks.items() if isinstance(checks, dict) else ())
        ),
    ]


def _of_object(segment: SegmentView) -> dict[str, object]:
    return {"messages": segment.units}


FIGURES = StreamFigures(status=_status, lines=_lines, of_object=_of_object)
