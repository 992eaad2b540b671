"""What can go wrong in a drill before it has begun, or so that it says nothing."""

from rejent.kernel.errors import RejentError


class DrillError(RejentError):
    """A drill cannot be held, or did not come to its end."""

    code = "calls.drill"
