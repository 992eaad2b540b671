"""Live pictures to the wall: one WebSocket a page, fragments as the recorder makes them, a word on each source a second.

Binary messages begin with 12 bytes: number of the picture (1), kind (1: initialisation, 2: fragment), whether it begins
with a key picture (1), nothing (1), and when its newest picture was captured, in milliseconds since 1970 (8, a double,
big-endian). Text messages are JSON, one a second: state, words and newest capture of every picture.

A page that reads slowly slows the reading from the recorder, which then drops whole fragments; nothing queues here.
"""

import asyncio
import contextlib
import json
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils import translation

from rejent.access import queries as access
from rejent.access import services
from rejent.catalog import queries as catalog
from rejent.catalog.views import RECORDING
from rejent.devices.views import ClientStation
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.streams.cameras.player.live import LiveConversion
from rejent.streams.cameras.player.workshop import live_workshop
from rejent.streams.cameras.recorder.live.client import subscribe
from rejent.streams.cameras.recorder.live.wire import LiveKind, LiveMessage
from rejent.web.requests.client_station import client_station_of_scope
from rejent.web.signing_in.sessions import SessionStore, kept_as
from rejent.web.words.states import cause_words
from rejent.web.words.wording import since_words

HEAD = struct.Struct(">BBBxd")
MOST_PICTURES = 16
HEARTBEAT_S = 1.0
RIGHTS_EVERY_S = 1.0
"""A right that is taken away ends the pictures within two seconds."""
REFUSED, ENDED = 4403, 4401

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(slots=True)
class Wall:
    """The pictures that one page watches, and its session."""

    person: PersonView
    session: str
    language: str
    source_ids: Sequence[str]
    h264: bool
    client_station: ClientStation
    paused: bool = False
    states: dict[str, dict[str, str]] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)

    def number(self, source_id: str) -> int:
        """Return the picture's number on the page."""
        return self.source_ids.index(source_id)


async def live_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer one WebSocket connection, from its opening to its end."""
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        wall = await sync_to_async(_wall)(scope)
        watch = await sync_to_async(_begin)(wall) if wall else None
    except RejentError:
        wall = watch = None
    if wall is None or watch is None:
        await send({"type": "websocket.close", "code": REFUSED})
        return
    await send({"type": "websocket.accept"})
    try:
        await _serve(wall, receive, send)
    finally:
        await asyncio.shield(sync_to_async(_end)(watch))


async def _serve(wall: Wall, receive: Receive, send: Send) -> None:
    by_socket = await sync_to_async(_sockets)(wall.source_ids)
    tasks = [asyncio.create_task(_pump(path, ids, wall, send)) for path, ids in by_socket.items()]
    tasks.append(asyncio.create_task(_heartbeat(wall, send)))
    rights = asyncio.create_task(_rights(wall))
    left = asyncio.create_task(_left(receive, wall))
    try:
        await asyncio.wait([*tasks, rights, left], return_when=asyncio.FIRST_COMPLETED)
        if rights.done():
            await send({"type": "websocket.close", "code": ENDED})
    finally:
        for task in (*tasks, rights, left):
            task.cancel()
        await asyncio.gather(*tasks, rights, left, return_exceptions=True)


async def _pump(path: Path, source_ids: Sequence[str], wall: Wall, send: Send) -> None:
    """Hand on what one recorder publishes; for browsers without H.265, converted on the way."""
    conversion = LiveConversion(live_workshop()) if wall.h264 else None
    try:
        async with contextlib.aclosing(subscribe(path, source_ids, settings.CLOCK)) as messages:
            async for message in messages:
                for made in await conversion.take(message) if conversion else [message]:
                    await _hand_on(made, wall, send)
    finally:
        if conversion is not None:
            await conversion.close()


async def _hand_on(message: LiveMessage, wall: Wall, send: Send) -> None:
    if message.source_id not in wall.source_ids:
        return
    if message.kind is LiveKind.STATE:
        wall.states[message.source_id] = _went_on(
            wall.states.get(message.source_id, {}), json.loads(message.payload)
        )
        return
    if message.kind is LiveKind.FRAGMENT:
        wall.newest[message.source_id] = message.captured_at
    if wall.paused:
        return
    await send({"type": "websocket.send", "bytes": _packed(wall, message)})


def _packed(wall: Wall, message: LiveMessage) -> bytes:
    captured_ms = message.captured_at.timestamp() * 1000
    head = HEAD.pack(wall.number(message.source_id), int(message.kind), message.key, captured_ms)
    return head + message.payload


def _went_on(known: dict[str, str], newer: dict[str, str]) -> dict[str, str]:
    """Return a recorder's state with the earlier beginning of a standstill: its own counts from the program's start."""
    if RECORDING in (known.get("state", RECORDING), newer["state"]) or not known.get("since"):
        return newer
    return newer | {"since": min(known["since"], newer["since"], key=datetime.fromisoformat)}


async def _heartbeat(wall: Wall, send: Send) -> None:
    while True:
        with translation.override(wall.language):
            pictures = [_state(wall, source_id) for source_id in wall.source_ids]
        now_ms = settings.CLOCK.now().timestamp() * 1000
        await send({"type": "websocket.send", "text": json.dumps({"now": now_ms, "pictures": pictures})})
        await asyncio.sleep(HEARTBEAT_S)


def _state(wall: Wall, source_id: str) -> dict[str, object]:
    state = wall.states.get(source_id, {})
    newest = wall.newest.get(source_id)
    since = state.get("since", "")
    return {
        "state": state.get("state", "connecting"),
        "cause": cause_words(state["cause"]) if state.get("cause") else "",
        "since": since_words(datetime.fromisoformat(since), settings.CLOCK.now()) if since else "",
        "captured": newest.timestamp() * 1000 if newest else None,
    }


async def _rights(wall: Wall) -> None:
    while True:
        await asyncio.sleep(RIGHTS_EVERY_S)
        if not await sync_to_async(_may_still)(wall):
            return


async def _left(receive: Receive, wall: Wall) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        if message.get("text") == "pause":
            wall.paused = True


def _wall(scope: dict[str, Any]) -> Wall | None:
    """Return the wall of whoever opened the page; nothing for strangers and for pages of other sites."""
    close_old_connections()
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    cookies = SimpleCookie(headers.get("cookie", ""))
    host = headers.get("host", "")
    if (
        not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
        or _site(headers.get("origin", "")) != host
        or settings.SESSION_COOKIE_NAME not in cookies
    ):
        return None
    session = SessionStore(cookies[settings.SESSION_COOKIE_NAME].value)
    account = _account(session)
    if account is None or account.person_id is None:
        return None
    person = office.person(account.person_id)
    query = parse_qs(scope.get("query_string", b"").decode("ascii", "replace"))
    wanted = query.get("sources", [""])[0]
    source_ids = list(dict.fromkeys(part for part in wanted.split(",") if part))[:MOST_PICTURES]
    if not source_ids or not person.active(civil_date(settings.CLOCK.now())):
        return None
    chosen = cookies.get(settings.LANGUAGE_COOKIE_NAME)
    language = chosen.value if chosen else account.language
    known = dict(settings.LANGUAGES)
    states = {source_id: _known(source_id) for source_id in source_ids}
    return Wall(
        states=states,
        person=person,
        session=session.session_key or "",
        language=language if language in known else settings.LANGUAGE_CODE,
        source_ids=source_ids,
        h264=query.get("codec") == ["h264"],
        client_station=client_station_of_scope(scope),
    )


def _site(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _account(session: SessionStore) -> Any:
    request = HttpRequest()
    request.session = session
    account = get_user(request)
    return account if account.is_authenticated else None


def _known(source_id: str) -> dict[str, str]:
    source = catalog.source(source_id, clock=settings.CLOCK)
    health = source.health
    if source.waits_for:
        return {"state": source.state, "cause": source.cause}
    if health is None:
        return {}
    return {"state": health.state, "cause": health.cause, "since": health.since.isoformat()}


def _begin(wall: Wall) -> UUID:
    return services.watch_live(
        wall.person,
        wall.source_ids,
        kept_as(wall.session),
        clock=settings.CLOCK,
        client_station=wall.client_station,
    )


def _end(watch: UUID) -> None:
    close_old_connections()
    services.stop_live(watch, clock=settings.CLOCK)


def _may_still(wall: Wall) -> bool:
    close_old_connections()
    if _account(SessionStore(wall.session)) is None:
        return False
    person = office.person(wall.person.id)
    visible = access.visible_sources(person, "live", clock=settings.CLOCK)
    return set(wall.source_ids) <= visible


def _sockets(source_ids: Sequence[str]) -> dict[Path, list[str]]:
    close_old_connections()
    per_slot = settings.CAMERAS_PER_RECORDER
    found: dict[Path, list[str]] = {}
    for slot in range(catalog.recorder_slots(per_slot, stream="video")):
        mine = {source.id for source in catalog.recorder_sources(slot, per_slot, stream="video")}
        ids = [source_id for source_id in source_ids if source_id in mine]
        if ids:
            found[settings.INSTALLATION.runtime / f"live-{slot}.sock"] = ids
    return found


SOCKETS = {"/live/ws": live_socket}
