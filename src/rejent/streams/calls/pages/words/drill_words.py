"""Words for the results of a drill on the page of its entry."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

STEPS: Mapping[str, str | Promise] = {
    "well": _("recorder left alone"),
    "killed": _("recorder killed"),
    "frozen": _("recorder frozen"),
    "filled": _("store full"),
}


def steps_words(steps: Sequence[object]) -> str:
    """The parts of a drill."""
    return ", ".join(str(STEPS.get(str(step), step)) for step in steps)


def phases_words(phases: Sequence[Any]) -> str:
    """Return the results of each part: how many calls were set up, and how long the slowest took."""
    return "; ".join(_phase(phase) for phase in phases if isinstance(phase, Mapping))


def _phase(phase: Mapping[str, object]) -> str:
    facts = {"step": steps_words([phase.get("phase", "")])}
    facts |= {name: str(phase.get(name, "–")) for name in ("calls", "set_up", "max_ms", "recorded")}
    return (
        gettext(
            "%(step)s – %(set_up)s of %(calls)s calls were set up, the slowest after %(max_ms)s ms; recorded: %(recorded)s"
        )
        % facts
    )
