"""What of a copy is out of the office's hands, as far as the program knows: a commission destroys none of it."""

from collections.abc import Sequence

from django.utils.translation import gettext

from rejent.cases.copies.views import HandOverState, HandOverView
from rejent.evidence.sealing import Taken


def outside(packages: Sequence[Taken], handed: HandOverView | None) -> list[str]:
    """Return what of a copy is out of the office's hands, as far as the program knows: it destroys none of it."""
    open_ones = sum(not each.encrypted for each in packages)
    coded = sum(each.encrypted for each in packages)
    found = []
    if open_ones:
        words = gettext("Packages given without a code (%(n)s) can be opened wherever they are.")
        found.append(words % {"n": open_ones})
    if coded:
        words = gettext("Packages given encrypted (%(n)s) can be opened by whoever has their code or key.")
        found.append(words % {"n": coded})
    if handed is not None and handed.state is HandOverState.HANDED:
        found.append(
            gettext("Its carrier was handed over (%(number)s) and is not destroyed here.")
            % {"number": handed.number}
        )
    return found
