"""Dialplans for Asterisk and FreePBX that play an announcement, or let our service play it.

Whatever fails, the call continues: a missing file, or a service that does not answer within `ANSWER_TIMEOUT_S`. Only
what was played is reported: Playback and Read continue without the file, and state that in PLAYBACKSTATUS and
READSTATUS.
"""

import csv
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from rejent.kernel.numbers import read_decimal

ANSWER_TIMEOUT_S = 4
"""Seconds after which a PBX continues without the service, which answers within milliseconds."""


class Pbx(StrEnum):
    """Kind of PBX."""

    ASTERISK = "asterisk"
    FREEPBX = "freepbx"


class Player(StrEnum):
    """Player of the announcement."""

    FILE = "file"
    """The PBX, from an exported file."""
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a dialplan; ``announcer`` is ``HOST:PORT`` of our service, which ``hands_over`` by REFER or leaves that to the plan."""

    line: str
    directory: str
    announcer: str = ""
    clause: bool = False
    refusal_key: str = ""
    hands_over: bool = False


def write_dialplan(plan: Plan, pbx: Pbx, player: Player) -> str:
    """Return the dialplan, with other settings as comments."""
    name = "".join(sign for sign in plan.line if sign.isalnum() or sign == " ")[:60]
    head = [f"; Announcement of the line: {name}", *_where(pbx)]
    body = _file(plan) if player is Player.FILE else _service(plan)
    return "\n".join([*head, "", *body]) + "\n"


def _where(pbx: Pbx) -> list[str]:
    if pbx is Pbx.FREEPBX:
        return [
            "; Append this to /etc/asterisk/extensions_custom.conf and reload. Then Admin, Custom Destinations:",
            "; target rejent-announcement,s,1 with Return on, destination: where the call went until now;",
            "; and let the inbound route lead to that custom destination.",
        ]
    return [
        "; Put this into extensions.conf and reload; before the Dial or Queue of the line write",
        ";  same => n,Gosub(rejent-announcement,s,1)",
    ]


def _file(plan: Plan) -> list[str]:
    event = "kind={}\\;seconds=$[${{EPOCH}}-${{REJENT_T0}}]\\;completed={}\\;keys=${{REJENT_KEYS}}"
    complete, incomplete = event.format("incoming", 1), event.format("incoming", 0)
    directory, line = _argument(plan.directory), _argument(plan.line)
    lines = [
        *_export("incoming", directory, line),
        *(_export("clause", directory, line) if plan.clause else []),
        "; cel.conf: enable=yes and events=USER_DEFINED; cel_custom.conf, under [mappings]:",
        ';  rejent-announcements.csv => "${eventtime}","${CALLERID(num)}","${eventextra}"',
        "; Then, every few minutes:",
        f";  rejent calls heard {directory} /var/log/asterisk/cel-custom/rejent-announcements.csv --line {line}",
        "[rejent-announcement]",
        "exten => s,1,Answer()",
        " same => n,Set(REJENT_KEYS=)",
        " same => n(again),Set(REJENT_T0=${EPOCH})",
        " same => n,Set(REJENT_SAID=0)",
        " same => n,Read(REJENT_KEY,custom/rejent-incoming,1,,1,2)",
        " same => n,Set(REJENT_KEYS=${REJENT_KEYS}${REJENT_KEY})",
    ]
    lines += [' same => n,GotoIf($["${REJENT_KEY}"="*"]?clause)'] if plan.clause else []
    lines += (
        [f' same => n,GotoIf($["${{REJENT_KEY}}"="{plan.refusal_key}"]?refused)'] if plan.refusal_key else []
    )
    lines += [
        " same => n,Set(REJENT_SAID=1)",
        ' same => n,GotoIf($["${READSTATUS}"="ERROR"]?unsaid)',
        f" same => n,CELGenUserEvent(AnnouncementHeard,{complete})",
        " same => n(unsaid),Return()",
    ]
    if plan.clause:
        clause = event.format("clause", 1)
        lines += [
            " same => n(clause),Set(REJENT_T0=${EPOCH})",
            " same => n,Playback(custom/rejent-clause)",
            ' same => n,GotoIf($["${PLAYBACKSTATUS}"!="SUCCESS"]?again)',
            f" same => n,CELGenUserEvent(AnnouncementHeard,{clause})",
            " same => n,Goto(again)",
        ]
    lines += _around(plan)
    return [
        *lines,
        f'exten => h,1,ExecIf($["${{REJENT_SAID}}"="0"]?CELGenUserEvent(AnnouncementHeard,{incomplete}))',
    ]


def _export(kind: str, directory: str, line: str) -> list[str]:
    sound = f"rejent-{kind}.wav"
    return [
        f"; Export this sound and copy it to /var/lib/asterisk/sounds/custom/{sound}:",
        f";  rejent calls announcement export {directory} --line {line} --kind {kind} --to {sound}",
    ]


def _argument(text: str) -> str:
    """Quote a text for a shell, on one line."""
    return shlex.quote("".join(sign for sign in text if sign.isprintable()))


def _service(plan: Plan) -> list[str]:
    after = (
        "; Our announcing hands the call over by REFER; it goes on here only where that is not taken."
        if plan.hands_over
        else "; Our announcing hangs up when all is said, and the call goes on here."
    )
    lines = [
        "; pjsip.conf:",
        ";  [rejent-announcing]",
        ";  type=endpoint",
        ";  aors=rejent-announcing",
        ";  disallow=all",
        ";  allow=alaw,ulaw",
        ";  dtmf_mode=rfc4733",
        ";  [rejent-announcing]",
        ";  type=aor",
        f";  contact=sip:{plan.announcer}",
        ";  qualify_frequency=30",
        after,
        "[rejent-announcement]",
        "exten => s,1,Answer()",
        f" same => n,Dial(PJSIP/rejent-announcing,{ANSWER_TIMEOUT_S},g)",
    ]
    lines += [' same => n,GotoIf($["${HANGUPCAUSE}"="21"]?refused)'] if plan.refusal_key else []
    return [*lines, " same => n,Return()", *_around(plan)]


def _around(plan: Plan) -> list[str]:
    if not plan.refusal_key:
        return []
    return [
        "; Whoever refuses to be recorded comes here: lead them where nobody records.",
        " same => n(refused),StackPop()",
        " same => n,Goto(rejent-unrecorded,s,1)",
    ]


KINDS = frozenset({"incoming", "clause"})
MAX_LENGTH_S = 3600.0
MAX_LINES = 100_000
_SIGNS = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class LoggedAnnouncement:
    """One announcement in the log."""

    kind: str
    start: datetime
    heard_s: float
    completed: bool
    keys: str
    caller: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadLine:
    """An unparsable line; its content may include a number and is not repeated."""

    number: int


def read_log(lines: Iterable[str]) -> Iterator[LoggedAnnouncement | BadLine]:
    """Yield the announcements in order; other events and empty lines are skipped."""
    for number, line in enumerate(lines, 1):
        if number > MAX_LINES:
            yield BadLine(number)
            return
        if not line.strip() or ("kind=" not in line and "," in line):
            continue
        yield _parse_line(line[:1000]) or BadLine(number)


def _parse_line(line: str) -> LoggedAnnouncement | None:
    try:
        row = next(csv.reader([line.replace("\0", "")], strict=True))
        stated = dict(part.strip().split("=", 1) for part in row[-1].split(";") if "=" in part)
        end, seconds = _instant(row[0]), read_decimal(stated["seconds"], most=MAX_LENGTH_S)
        kind, keys = stated["kind"], stated.get("keys", "")
    except (csv.Error, ValueError, KeyError, IndexError, OverflowError, StopIteration):
        return None
    if len(row) < 3 or kind not in KINDS or seconds is None or not set(keys) <= _SIGNS:
        return None
    start = end - timedelta(seconds=seconds)
    return LoggedAnnouncement(kind, start, seconds, stated.get("completed") == "1", keys[:16], row[1])


def _instant(written: str) -> datetime:
    """Parse an instant; ValueError where it has no offset or lies before this century, OverflowError out of range."""
    plain = written.strip()
    seconds = read_decimal(plain, most=1e11)
    if seconds is not None:
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    else:
        found = datetime.fromisoformat(plain)
    if found.tzinfo is None or not 2000 < found.year < 9999:
        raise ValueError(written)
    return found.astimezone(UTC)
