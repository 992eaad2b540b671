"""Make a copy of contents that an open viewing chose, in the clear, while it is open."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction

from rejent.cases.copies.models import Copy
from rejent.cases.copies.row_views import copy_view
from rejent.cases.copies.services.making import Asked, alone, begin_copy, finish_begun
from rejent.cases.copies.stream_parts import Chosen
from rejent.cases.copies.views import CopyView
from rejent.office.views import PersonView
from rejent.retention.rounds.round import Keeping


def copy_chosen(
    asked: Asked,
    chosen: Sequence[Chosen],
    *,
    person: PersonView,
    keeping: Keeping,
    noted: Callable[[UUID], None],
) -> CopyView:
    """Make a copy of contents that an open viewing chose, at once: a keeper cannot open them, and abandons what a killed program left.

    ``asked`` reaches from the first of them to the end of the last; ``noted`` enters what was chosen, in the transaction in which the copy
    of this id begins.

    Raises: as `make_copy`.
    """
    with alone(keeping.keys.folder):
        with transaction.atomic():
            begun = begin_copy(asked, person=person, keeping=keeping, chosen=chosen)
            noted(begun)
        finish_begun(begun, keeping, chosen)
    return copy_view(Copy.objects.get(pk=begun))
