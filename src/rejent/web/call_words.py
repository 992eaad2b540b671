"""What pages call a call's direction."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

DIRECTIONS: Mapping[str, str | Promise] = {
    "incoming": pgettext_lazy("call", "incoming"),
    "outgoing": pgettext_lazy("call", "outgoing"),
    "internal": pgettext_lazy("call", "internal"),
    "undecided": pgettext_lazy("call", "direction not known"),
}


def direction_words(direction: str) -> str:
    """The direction in the reader's language."""
    return str(DIRECTIONS.get(direction, direction))
