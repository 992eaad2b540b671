"""The keeper's round that looks for announcements in recorded calls, and the making plain of uploaded sounds.

Nobody listens: what is opened goes to a confined child, and only where and how surely an announcement was found comes back.
"""

import json
import random
from datetime import timedelta

import structlog

from rejent.content.opening import OpenObject
from rejent.formats.matroska.manifest import instant, nanoseconds
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import plain_wav, samples_of
from rejent.streams.calls.catalog.errors import SoundRefusedError
from rejent.streams.calls.catalog.views import HUNG_UP, CallToSearch, KnownBy, Notice
from rejent.streams.calls.player.errors import SoundError
from rejent.streams.calls.player.services import contents
from rejent.streams.calls.player.workshop import workshop

log = structlog.get_logger(__name__)

AT_ONCE = 20
LONGEST_S = 30.0
"""Seconds after which a round begins with no further call: one whose sound cannot be read takes many."""
TRIED_FOR = timedelta(hours=1)
"""So long a call is tried again whose sound cannot be opened or read now; then it counts as searched."""
FIRST = timedelta(minutes=10)
"""Objects are opened as far as they cover this much of a call's beginning."""
LEFT_WITHIN = timedelta(seconds=3)
"""Longest time between the last word heard and the end of a call that counts as hanging up on it."""


def made_plain(content: bytes) -> bytes:
    """Return an uploaded sound in the form in which announcements are kept.

    SoundRefusedError: it is no sound, or takes too long to read.
    """
    try:
        return plain_wav(workshop().made_plain(content))
    except SoundError:
        raise SoundRefusedError(
            "No sound can be read from this file.", advice="Give a WAV, or what else libav reads."
        ) from None


def find_announcements(open_object: OpenObject, *, clock: Clock) -> int:
    """Join what was reported of announcements to its calls; then search some that lack it, for `LONGEST_S`; return how many were tried.

    They come in any order, so that none that cannot be read is always in the way of the others.
    """
    call_services.match_heard(clock=clock)
    calls = call_queries.calls_to_search(clock.now(), AT_ONCE)
    random.shuffle(calls)
    over = clock.monotonic() + LONGEST_S
    for number, call in enumerate(calls):
        if clock.monotonic() >= over:
            return number
        try:
            notices = _found(call, open_object)
        except RejentError as error:
            log.warning("announcement.not-sought", call=call.id, code=error.code)
            if clock.now() - call.start < TRIED_FOR:
                continue
            notices = []
        call_services.note_searched(call.id, notices, clock=clock)
    return len(calls)


def _found(call: CallToSearch, open_object: OpenObject) -> list[Notice]:
    """Return the evidence in a call's sound; RejentError: nothing of it can be opened, or read in time."""
    segments = call_queries.segments_of(call.source_id, call.id, call.start)
    first = [one for one in segments if one.start < call.start + FIRST]
    if not first or not call.versions:
        return []
    within = (nanoseconds(call.start), nanoseconds(call.start + FIRST))
    begun = list(contents(first, open_object, within))
    sounds = [samples_of(one.sound) for one in call.versions]
    answer = json.loads(workshop().find_sounds([each for _, each in begun], [at for at, _ in begun], sounds))
    end = instant(answer["end"])
    notices = []
    for each in answer["found"]:
        version, start = call.versions[each["sound"]], instant(each["at"])
        left = not each["completed"] and end - start - timedelta(seconds=each["heard_s"]) < LEFT_WITHIN
        notices.append(
            Notice(
                kind=version.kind,
                known_by=KnownBy.FOUND,
                start=max(start, call.start),
                heard_s=each["heard_s"],
                completed=each["completed"],
                outcome=HUNG_UP if left else "",
                score=each["score"],
                doubt="beginning-missing" if each["cut"] else "",
                announcement=version.id,
            )
        )
    return notices
