"""Taking what a PBX told of calls: with the last of their recordings, or with the term of one that never was."""

from collections.abc import Sequence
from datetime import date

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from rejent.streams.calls.catalog.pbx.models import GONE, CallRecord, PbxFile
from rejent.streams.calls.catalog.queries.pbx import naming_files, naming_records, of_day

_DIGEST = "^[0-9a-f]{64}$"
_AT_ONCE = 500


def forget_records_of(calls: Sequence[str]) -> None:
    """Take numbers, names and rows that told of calls of which nothing is left."""
    for some in (calls[at : at + _AT_ONCE] for at in range(0, len(calls), _AT_ONCE)):
        told = CallRecord.objects.filter(calls__in=some, emptied=False)
        living = CallRecord.objects.filter(
            pk__in=list(told.values_list("pk", flat=True)), calls__destroyed=False
        )
        gone = set(told.values_list("pk", flat=True)) - set(living.values_list("pk", flat=True))
        CallRecord.objects.filter(pk__in=gone).update(emptied=True, **CallRecord.blanked())
        PbxFile.objects.filter(call__in=some).update(**PbxFile.blanked())


def forget_of_day(source_id: str, day: date) -> int:
    """Take what was kept of a civil date's calls that have no recording, once the term of such a recording is over.

    The date is one that `rejent.streams.calls.catalog.queries.pbx.naming_days` tells: what its row alone says to be of a later one goes with it.

    Of records that name nobody any more the mark goes, too: it is a digest, and the numbers in a row can be tried one by one.

    Returns:
        How many records and files name nobody from now on.
    """
    found = naming_records(source_id, day).values_list("pk", flat=True)
    emptied = CallRecord.objects.filter(pk__in=list(found)).update(emptied=True, **CallRecord.blanked())
    files = naming_files(source_id, day)
    marked = CallRecord.objects.filter(of_day(source_id, day, "arrived_at"), emptied=True)
    number = Cast("pk", CharField())
    marked.filter(mark__regex=_DIGEST).update(mark=Concat(Value(f"{GONE} "), number))
    return emptied + files.update(**PbxFile.blanked())
