"""Errors of drills."""

from rejent.kernel.errors import RejentError


class DrillError(RejentError):
    """A drill cannot be run, or did not complete."""

    code = "calls.drill"
