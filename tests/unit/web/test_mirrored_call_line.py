"""What the page of a call says of a call that was only seen at a mirror port."""

from datetime import timedelta

from django.utils import translation

from rejent.kernel.intervals import Interval
from rejent.streams.calls.pages.call_line import CallAxis, call_line
from rejent.streams.calls.player.services import CallLeg, LegGap
from tests.unit.web.test_timeline import _segment


def test_what_the_mirror_missed_is_not_told_as_the_calls_loss() -> None:
    """Each loss is told with whose it is, in words and in the sum; the call itself lost what it lost."""
    whole = _segment(0, 60, "sealed")
    start = whole.start
    axis = CallAxis(start, whole.end)
    gaps = tuple(
        LegGap(Interval(start + timedelta(seconds=at), start + timedelta(seconds=at + 2)), cause, 5)
        for at, cause in ((5, "lost"), (15, "uncaptured"), (25, "unseen"))
    )
    leg = CallLeg(0, ("pcma",), (), 100, 5, (), gaps, "caller", 10)
    with translation.override("en"):
        line = call_line(axis, segments=[whole], legs=[leg, leg], holds=(), seen=(), readable=[])
        labels = [span.label for span, lane in line.spans if lane == 0]
    assert [label.split(": ", 1)[1] for label in labels] == [
        "lost on the way: 5 packets",
        "missed by the mirror port, not by the call: 5 packets",
        "not seen at the mirror port: 5 packets",
    ]
    assert line.lanes[0].facts == "PCMA; 5 packets lost of 115; 10 packets not seen at the mirror port"
