"""Entering an office's own wording of a passage: checked, numbered, in force from a day that has not passed."""

import hashlib
from datetime import date
from typing import Unpack

from django.db import transaction
from django.db.models import Max
from django.utils import translation

from rejent.kernel.acts import Acting
from rejent.kernel.clock import civil_date
from rejent.notices.acts import WORDING_ENTERED
from rejent.notices.documents.making import passages_of
from rejent.notices.documents.truth import Truth
from rejent.notices.errors import WordingRefusedError
from rejent.notices.models import Wording
from rejent.notices.wording.queries import wordings
from rejent.notices.wording.rules import demand_sound
from rejent.registers.services import enter


def enter_wording(
    truth: Truth, passage: str, text: str, *, in_force_from: date, **acting: Unpack[Acting]
) -> int:
    """Enter the wording of a passage of a stream's documents in one language; returns its number. An empty text ends the former.

    Raises WordingRefusedError: there is no such passage, its placeholders are not those needed, or the day has passed.
    """
    now = acting["clock"].now()
    text = text.strip()
    with translation.override(truth.language):
        each = passages_of(truth).get(passage)
        if each is None:
            raise WordingRefusedError("There is no passage {passage}.", passage=passage)
        if text:
            demand_sound(each, text)
    if in_force_from < civil_date(now):
        raise WordingRefusedError(
            "What people were told in the past does not change: {day} has passed.",
            part="in_force_from",
            day=f"{in_force_from:%d.%m.%Y}",
        )
    wordings()
    with transaction.atomic():
        number = 1 + (Wording.objects.aggregate(last=Max("number"))["last"] or 0)
        row = Wording.objects.create(
            number=number,
            stream=truth.stream,
            passage=passage,
            language=truth.language,
            text=text,
            in_force_from=in_force_from,
            entered_at=now,
            entered_by=acting["actor"],
        )
        record: dict[str, object] = {
            "number": number,
            "stream": truth.stream,
            "passage": passage,
            "language": truth.language,
            "in_force_from": in_force_from.isoformat(),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            **({} if text else {"ended": True}),
        }
        subject = f"wording:{number}"
        enter(WORDING_ENTERED, actor=acting["actor"], subject=subject, record=record, at=now, row=row)
    return number
