"""Numbers of calls against what is left of their recordings."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q

from rejent.catalog.models import Segment, SegmentState
from rejent.kernel.findings import Finding
from rejent.streams.calls.catalog.models import Call, CallNotice
from rejent.streams.calls.catalog.views import REFUSED

_SUBJECT = "catalog"
_CHUNK = 2000
_NAMELESS = "The database names nobody for {thing}, though its recording is not destroyed."
_KEPT = "The database still holds the numbers of {thing}, though its recording is destroyed."


def numbers_of_calls() -> Iterator[Finding]:
    """Yield calls that name somebody though their recording is destroyed, and calls and evidence that name nobody though it is not."""
    days = Call.objects.order_by("source", "day").values_list("source_id", "day").distinct()
    for source_id, day in days.iterator(_CHUNK):
        near = Segment.objects.filter(source=source_id, day__in=[day, day + timedelta(days=1)])
        states = near.values_list("run", "state").distinct()
        living = {run for run, state in states if state != SegmentState.DESTROYED}
        known = {run for run, _ in states}
        calls = Call.objects.filter(source=source_id, day=day).order_by("pk")
        for pk, destroyed in calls.values_list("pk", "destroyed").iterator(_CHUNK):
            if destroyed and pk in living:
                yield _found("call-nameless", _NAMELESS, f"call:{pk}")
            elif not destroyed and pk in known and pk not in living:
                yield _found("numbers-kept", _KEPT, f"call:{pk}")
    nameless = Call.objects.filter(destroyed=False, salt="").exclude(ended_by=REFUSED).order_by("pk")
    for pk in nameless.values_list("pk", flat=True).iterator(_CHUNK):
        yield _found("call-nameless", _NAMELESS, f"call:{pk}")
    evidence = CallNotice.objects.filter(Q(call__destroyed=False, salt="")).exclude(call__ended_by=REFUSED)
    for number in evidence.order_by("pk").values_list("pk", flat=True).iterator(_CHUNK):
        yield _found("call-nameless", _NAMELESS, f"callnotice:{number}")


def _found(kind: str, template: str, thing: str) -> Finding:
    return Finding(_SUBJECT, f"{_SUBJECT}.{kind}", template, {"thing": thing})
