"""What is remembered of requests is bounded: each, those of a host, and all; and nobody's flood keeps a session from its requests."""

from rejent.streams.calls.network.sip.flow import Flow, write_response
from rejent.streams.calls.network.sip.message import Headers, Request, write_message
from rejent.streams.calls.network.sip.transactions import (
    OCTETS_PER_UNIT,
    TRANSACTION_TIMEOUT,
    NewRequest,
    ServerTransaction,
    ServerTransactions,
)
from tests.unit.streams_calls.caller import Caller
from tests.unit.streams_calls.sip_messages import UDP, read, request

OTHER = Flow("udp", "192.0.2.77", 5080)


def options(number: int, *, octets: int = 0) -> Request:
    """One of many questions."""
    plain = request("OPTIONS", number, branch=f"z9hG4bK{number}", call_id=f"c{number}")
    return Request(plain.method, plain.uri, plain.headers, bytes(octets), bytes(octets))


def ask(transactions: ServerTransactions, message: Request, flow: Flow = UDP) -> ServerTransaction | None:
    """Hand in a request, and answer it if it wants an answer."""
    arrival = transactions.receive(message, flow, 0.0)
    if not isinstance(arrival, NewRequest):
        return None
    transactions.respond(arrival.transaction, write_response(arrival.transaction.request, 200, tag="t"), 0.0)
    return arrival.transaction


def test_of_an_answered_request_only_what_tells_it_apart_is_kept() -> None:
    """Neither its body nor its other fields wait for a repetition; that is answered as before."""
    transactions = ServerTransactions()
    plain = request("INVITE", body=b"x" * 30_000, extra=[("X-Long", "y" * 30_000)])
    known = ask(
        transactions, Request(plain.method, plain.uri, plain.headers, plain.body, write_message(plain))
    )
    assert known is not None
    assert (known.request.body, known.request.raw) == (b"", b"")
    assert [name for name, _ in known.request.headers] == ["Via", "From", "To", "Call-ID", "CSeq"]
    assert transactions.receive(plain, UDP, 1.0) is None
    first, again = transactions.take_outgoing()
    assert first == again
    assert transactions.tick(TRANSACTION_TIMEOUT) == [known]


def test_host_that_floods_keeps_no_other_out() -> None:
    """Beyond its share a host gets 503, and another is served; once its requests are forgotten so is it again."""
    transactions = ServerTransactions(of_host=3)
    assert all(ask(transactions, options(number)) for number in range(1, 4))
    assert ask(transactions, options(4)) is None
    assert read(transactions.take_outgoing()[-1].data).status == 503
    assert ask(transactions, options(5), OTHER) is not None
    transactions.tick(TRANSACTION_TIMEOUT)
    assert len(transactions) == 0
    assert ask(transactions, options(6)) is not None


def test_long_answer_counts_for_as_many_as_it_is_long() -> None:
    """Whoever has us repeat long fields has used up its share the sooner; a long request with a short answer is one."""
    transactions = ServerTransactions(of_host=10)
    assert all(ask(transactions, options(number, octets=60_000)) for number in range(1, 6))
    plain = options(7)
    long = [
        (name, value + "x" * (5 * OCTETS_PER_UNIT if name == "Call-ID" else 0))
        for name, value in plain.headers
    ]
    assert ask(transactions, Request(plain.method, plain.uri, Headers(long))) is not None
    assert ask(transactions, options(8)) is None


def test_flood_keeps_no_session_from_its_requests() -> None:
    """Whatever its own host and others ask beside it, a session's BYE is answered and ends it."""
    caller = Caller()
    caller.invite()
    caller.core._transactions._of_host = 3
    flooding = Caller(caller.core, ports=caller.ports, call_id="flood")
    assert [flooding.ask("OPTIONS", required=()).status for _ in range(5)] == [200, 200, 503, 503, 503]
    assert caller.ask("BYE", required=()).status == 200
    assert caller.core.sessions == 0


def test_session_that_floods_is_bounded_too() -> None:
    """Within its session a host has twice its share, and no more."""
    caller = Caller()
    caller.invite()
    caller.core._transactions._of_host = 3
    told = [caller.ask("INFO", required=()).status for _ in range(10)]
    assert told == [200] * 5 + [503] * 5
