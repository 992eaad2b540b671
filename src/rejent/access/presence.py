"""Who is there when a recording is seen: the second person that a regulation demands, and guests."""

from enum import StrEnum


class Second(StrEnum):
    """What is known of the second person of a viewing."""

    NOBODY = "nobody"
    """None has agreed."""
    SAME = "same"
    """It is the first person, as far as software can tell."""
    UNFIT = "unfit"
    """Somebody else, who may not see the recording themselves."""
    AGREED = "agreed"
    """Somebody else, who may."""
