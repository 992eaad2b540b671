"""What is counted of a leg beside its packets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outside:
    """What the receiver counted of a leg beside its packets.

    Attributes:
        refused: datagrams of other addresses.
        dropped: datagrams that our own socket had no room for: the recorder's loss, not the call's.
        flooded: datagrams beyond what one leg may send.
        unstored: packets that came while the store took nothing.
        copies: datagrams that a mirror port showed more than once.
    """

    refused: int = 0
    dropped: int = 0
    flooded: int = 0
    unstored: int = 0
    copies: int = 0
