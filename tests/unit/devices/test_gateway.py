"""The gateway's answers: who is let in, what is taken, what is entered."""

import asyncio
import json
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from rejent.devices import queries, services
from rejent.devices.authority import DeviceAuthority, key_digest
from rejent.devices.errors import BatchDelayedError, BatchRefusedError
from rejent.devices.gateway import http
from rejent.devices.gateway.limits import LARGEST_BATCH, REQUESTS_SAVED
from rejent.devices.models import CertificateRequest, Device
from rejent.devices.views import RIGHTS, Batch, Kind, Right
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from tests.unit.devices.conftest import NOON
from tests.unit.devices.enrolling import admit, ask, csr_of

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = "ab" * 16
BATCHES = f"/v1/batches/notes/{SOURCE}"


class Caller:
    """Asks a gateway in this process, as the server would after the handshake."""

    def __init__(self, clock: ManualClock, made: DeviceAuthority) -> None:
        self.taken: list[Batch] = []
        self.fails: Exception | None = None
        self.gateway = http.Gateway(self._take, ["notes"], clock, made.certificate_pem)

    def _take(self, _stream: str, batch: Batch) -> None:
        if self.fails is not None:
            raise self.fails
        self.taken.append(batch)

    def ask(
        self, path: str, body: bytes = b"", *, key: str = "", method: str = "POST", **said: object
    ) -> tuple[int, Any, dict[str, str]]:
        """Ask; return status, answer and headers."""
        named = {f"rejent-{name}": str(value) for name, value in said.items()} | {
            "content-length": str(len(body))
        }
        scope = {
            "type": "http", "method": method, "path": path, "state": {http.KEY: key}, "client": ("10.0.0.7", 1),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self.gateway(scope, receive, send))
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], json.loads(sent[1]["body"]), headers

    def batch(
        self, key: str, number: int, previous: str, body: bytes = b"x", **said: object
    ) -> tuple[int, Any, dict[str, str]]:
        """Send a batch."""
        return self.ask(BATCHES, body, key=key, number=number, previous=previous, **said)


@pytest.fixture
def caller(authority: DeviceAuthority, clock: ManualClock) -> Caller:
    """Who asks."""
    return Caller(clock, authority)


@pytest.fixture
def key(authority: DeviceAuthority, clock: ManualClock) -> str:
    """The digest of the key of an agent that is enrolled."""
    code, made = admit(authority, clock), ec.generate_private_key(ec.SECP256R1())
    csr = csr_of(made)
    assert ask(csr, code.prove(csr), clock).certificate
    return key_digest(made.public_key())


def acts() -> list[str]:
    """Acts about batches, the last one first."""
    return [
        one.act
        for one in registers.acts(
            names=["device.batches-missing", "device.batch-forked", "device.batch-replayed"]
        ).acts
    ]


def test_a_device_enrols_over_the_gateway(
    caller: Caller,
    authority: DeviceAuthority,
    clock: ManualClock,
) -> None:
    """It waits until the keeper has signed; asking again gives the same, and without a proof nothing is written down."""
    code, made = admit(authority, clock), ec.generate_private_key(ec.SECP256R1())
    csr = csr_of(made)
    said = {"code": code.public, "proof": b64encode(code.prove(csr)).decode()}
    for wrong in ({}, {"code": code.public}, said | {"proof": "x"}, said | {"code": "ab" * 32}):
        assert caller.ask("/v1/enrol", csr, **wrong)[0] == 403
    assert not CertificateRequest.objects.exists()
    status, _, headers = caller.ask("/v1/enrol", csr, **said)
    assert (status, headers["retry-after"] in {"1", "2"}) == (202, True)
    assert services.sign_requests(clock=clock) == 1
    first, again = caller.ask("/v1/enrol", csr, **said), caller.ask("/v1/enrol", csr, **said)
    assert (first[0], first[1]) == (200, again[1])
    assert caller.ask("/v1/authority", method="GET")[1] == {"certificate": authority.certificate_pem}
    assert caller.ask("/v1/renew", csr_of(made), key=key_digest(made.public_key()))[0] == 202


def test_a_receipt_is_given_once_the_batch_is_durable(caller: Caller, key: str) -> None:
    """It names the digest; the last one is given again without another taking; what fails moves nothing."""
    beginning = "0" * 64
    caller.fails = BatchDelayedError("full")
    status, _, headers = caller.batch(key, 1, beginning)
    assert (status, int(headers["retry-after"]) >= 5) == (503, True)
    caller.fails = BatchRefusedError("over")
    assert caller.batch(key, 1, beginning)[:2] == (422, {"why": "over", "number": 0, "chain": beginning})
    caller.fails = None
    status, receipt, _ = caller.batch(
        key, 1, beginning, clock=(NOON - timedelta(seconds=90)).isoformat(), version="2.1"
    )
    assert (status, receipt["receipt"], receipt["number"]) == (200, sha256(b"x").hexdigest(), 1)
    assert caller.batch(key, 1, beginning)[:2] == (200, receipt)
    assert [(one.content, one.clock_offset_s, one.source_id) for one in caller.taken] == [
        (b"x", -90.0, SOURCE)
    ]
    assert caller.batch(key, 2, receipt["chain"], b"y")[1]["number"] == 2
    (state,) = queries.states().values()
    assert (state.version, state.sequence, state.seen_at) == ("2.1", 2, NOON)
    assert acts() == []


def test_a_hole_a_fork_and_a_replay_are_entered(caller: Caller, key: str, clock: ManualClock) -> None:
    """Each once in ten minutes, and what comes after is taken."""
    chain = "0" * 64
    for number in (1, 2, 3):
        chain = caller.batch(key, number, chain, b"%d" % number)[1]["chain"]
    told = {"number": 3, "chain": chain}
    assert caller.batch(key, 1, "0" * 64, b"1")[:2] == (409, {"why": "replay", **told})
    for _ in range(3):
        assert caller.batch(key, 3, "0" * 64, b"other")[:2] == (409, {"why": "fork", **told})
    assert caller.batch(key, 6, chain)[:2] == (409, {"why": "ahead", **told})
    assert acts() == ["device.batch-forked", "device.batch-replayed"]
    assert caller.batch(key, 6, chain, lost=2)[0] == 200
    clock.advance(timedelta(minutes=11))
    assert caller.batch(key, 3, "0" * 64, b"other")[0] == 409
    assert [(one.kind, one.first, one.last) for one in queries.chain_facts()] == [
        ("fork", 3, 3), ("hole", 4, 5), ("fork", 3, 3), ("replay", 1, 1),
    ]  # fmt: skip
    assert len(caller.taken) == 4


def test_who_was_struck_off_is_refused_with_the_next_request(
    caller: Caller, key: str, clock: ManualClock
) -> None:
    """On the same connection, too; so is who has ended, calls from elsewhere, is planted or unknown, or shows nothing."""
    assert caller.ask("/v1/report", key=key)[0] == 200
    device = queries.device_called("Komputer 7")
    services.revoke_device(device.id, reason="skradziony", clock=clock, actor="cli")
    for path in ("/v1/report", BATCHES, "/v1/renew"):
        assert caller.ask(path, key=key)[:2] == (403, {"why": "revoked"})
    Device.objects.update(revoked_at=None)
    assert caller.ask("/v1/report", key=key)[:2] == (403, {"why": "unknown"})
    assert caller.ask("/v1/report", key="cd" * 32)[0] == 403
    assert caller.ask("/v1/report")[0] == 401


def test_a_certificate_ends_by_the_offices_clock(caller: Caller, key: str, clock: ManualClock) -> None:
    """On its second."""
    clock.advance(services.CERTIFICATE_LASTS - timedelta(seconds=1))
    assert caller.ask("/v1/report", key=key)[0] == 200
    clock.advance(timedelta(seconds=1))
    assert caller.ask("/v1/report", key=key)[:2] == (403, {"why": "expired"})


@pytest.mark.parametrize("case", [(Kind.AGENT, {Right.REPORT}, BATCHES), (Kind.SENSOR, {Right.RECORD}, "/v1/report")])  # fmt: skip
def test_a_device_does_what_its_row_says(
    caller: Caller,
    authority: DeviceAuthority,
    clock: ManualClock,
    case: tuple[Kind, set[Right], str],
) -> None:
    """Neither of the other."""
    kind, may, path = case
    assert may < RIGHTS[kind]
    _, code = services.admit_device(
        kind=kind, name="X", place="", address="", may=may, authority=authority, clock=clock, actor="cli"
    )
    made = ec.generate_private_key(ec.SECP256R1())
    csr = csr_of(made)
    ask(csr, code.prove(csr), clock)
    assert caller.ask(path, key=key_digest(made.public_key()))[:2] == (403, {"why": "right"})


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"path": "/v1/batches/calls/" + SOURCE}, 404), ({"path": "/"}, 404), ({"method": "PUT"}, 405),
        ({"body": b"x" * (LARGEST_BATCH + 1)}, 413), ({"number": "0"}, 400), ({"number": "-1"}, 400),
        ({"previous": "zz" * 32}, 400), ({"lost": "x"}, 400), ({"number": ""}, 400),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(caller: Caller, key: str, wrong: dict[str, Any], status: int) -> None:
    """With a status that says what it is; nothing is taken."""
    given = {"path": BATCHES, "body": b"x", "number": "1", "previous": "0" * 64, "method": "POST"} | wrong
    assert caller.ask(given.pop("path"), given.pop("body"), key=key, **given)[0] == status
    assert caller.taken == []


def test_who_asks_too_often_is_told_when_to_come_again(caller: Caller, key: str, clock: ManualClock) -> None:
    """Others are answered meanwhile, and so is it afterwards."""
    for _ in range(int(REQUESTS_SAVED)):
        assert caller.ask("/v1/report", key=key)[0] == 200
    status, _, headers = caller.ask("/v1/report", key=key)
    assert (status, headers["retry-after"]) == (429, "1")
    assert caller.ask("/v1/authority", method="GET")[0] == 200
    clock.advance(timedelta(seconds=1))
    assert caller.ask("/v1/report", key=key)[0] == 200
