"""Requests are answered once, however often they arrive, and answers are repeated until they are confirmed."""

import pytest

from rejent.streams.calls.network.sip.flow import write_response
from rejent.streams.calls.network.sip.message import Headers, Response
from rejent.streams.calls.network.sip.transactions import (
    TRANSACTION_TIMEOUT,
    Acknowledged,
    Cancelled,
    ClientTransactions,
    NewRequest,
    ServerTransactions,
)
from tests.unit.streams_calls.sip_messages import TCP, UDP, read, request


def sent(transactions):
    """Status codes of what is to be sent now."""
    return [read(one.data).status for one in transactions.take_outgoing()]


def run(transactions, begin, end):
    """Let time pass from deadline to deadline; the instants at which something was sent, and what nobody confirmed."""
    instants, lost = [], []
    while (at := transactions.next_deadline) is not None and at <= end:
        lost += transactions.tick(max(at, begin))
        instants += [at] * len(transactions.take_outgoing())
    return instants, lost


def send(transactions, message, flow=UDP, now=0.0):
    """Hand in a request that must be new."""
    arrival = transactions.receive(message, flow, now)
    assert isinstance(arrival, NewRequest)
    return arrival.transaction


def test_a_repeated_request_gets_the_same_answer():
    """A retransmitted request is answered again without being asked twice, and forgotten after timer J."""
    transactions = ServerTransactions()
    options = request("OPTIONS")
    transaction = send(transactions, options)
    transactions.respond(transaction, write_response(transaction.request, 200, tag="t"), 0.0)
    assert transactions.receive(options, UDP, 1.0) is None
    assert sent(transactions) == [200, 200]
    transactions.tick(TRANSACTION_TIMEOUT)
    assert len(transactions) == 0


def test_nothing_is_remembered_of_a_request_over_tcp():
    """Over a connection nothing comes twice, so timer J is zero."""
    transactions = ServerTransactions()
    transaction = send(transactions, request("OPTIONS"), TCP)
    transactions.respond(transaction, write_response(transaction.request, 200, tag="t"), 0.0)
    transactions.tick(0.0)
    assert len(transactions) == 0


@pytest.mark.parametrize("flow", [UDP, TCP])
def test_2xx_is_repeated_until_confirmed(flow):
    """A 200 to INVITE goes out after 0.5, 1, 2 and 4 seconds, over any transport, until the ACK."""
    transactions = ServerTransactions()
    transaction = send(transactions, request(), flow)
    transactions.respond(transaction, write_response(transaction.request, 200, tag="t"), 0.0)
    assert sent(transactions) == [200]
    assert run(transactions, 0, 8)[0] == [0.5, 1.5, 3.5, 7.5]
    arrival = transactions.receive(request("ACK", branch="z9hG4bKother", to_tag="t"), flow, 8)
    assert isinstance(arrival, Acknowledged)
    assert arrival.invite is transaction
    assert run(transactions, 8, 100) == ([], [])


def test_2xx_that_nobody_confirms():
    """After 32 seconds without ACK the INVITE is given back as unconfirmed."""
    transactions = ServerTransactions()
    transaction = send(transactions, request())
    transactions.respond(transaction, write_response(transaction.request, 200, tag="t"), 0.0)
    instants, lost = run(transactions, 0, TRANSACTION_TIMEOUT)
    assert lost == [transaction]
    assert max(instants) == 31.5


def test_refusal_over_udp_is_repeated_until_ack():
    """A refusal of INVITE is repeated (G) until its ACK, which is kept for timer I and answers nothing."""
    transactions = ServerTransactions()
    transaction = send(transactions, request())
    transactions.respond(transaction, write_response(transaction.request, 488, tag="t"), 0.0)
    assert sent(transactions) == [488]
    assert run(transactions, 0, 2)[0] == [0.5, 1.5]
    ack = request("ACK", to_tag="t")
    assert transactions.receive(ack, UDP, 2) is None
    assert transactions.receive(ack, UDP, 3) is None
    assert run(transactions, 2, 100) == ([], [])
    assert len(transactions) == 0


def test_refusal_without_ack_is_given_up():
    """Timer H ends a refusal that nobody confirms; over TCP it is sent once."""
    transactions = ServerTransactions()
    transaction = send(transactions, request(), TCP)
    transactions.respond(transaction, write_response(transaction.request, 488, tag="t"), 0.0)
    assert sent(transactions) == [488]
    assert run(transactions, 0, TRANSACTION_TIMEOUT) == ([], [])
    assert len(transactions) == 0


def test_cancel_before_the_answer():
    """CANCEL of an INVITE under way is answered with 200, the INVITE with 487."""
    transactions = ServerTransactions()
    transaction = send(transactions, request())
    arrival = transactions.receive(request("CANCEL"), UDP, 0.1)
    assert isinstance(arrival, Cancelled)
    assert arrival.invite is transaction
    assert sent(transactions) == [200, 487]


def test_cancel_too_late_and_of_nothing():
    """CANCEL after the answer changes nothing; CANCEL of what never came gets 481."""
    transactions = ServerTransactions()
    transaction = send(transactions, request())
    transactions.respond(transaction, write_response(transaction.request, 200, tag="t"), 0.0)
    assert transactions.receive(request("CANCEL"), UDP, 0.1) == Cancelled(transaction, in_time=False)
    assert transactions.receive(request("CANCEL", branch="z9hG4bKnone"), UDP, 0.1) is None
    assert sent(transactions) == [200, 200, 481]


def test_the_same_request_by_two_ways():
    """A request that a proxy forked to us twice is refused the second time."""
    transactions = ServerTransactions()
    send(transactions, request())
    assert transactions.receive(request(branch="z9hG4bKsecond"), UDP, 0.0) is None
    assert sent(transactions) == [482]


def test_devices_older_than_branches():
    """Without the cookie in the branch, Call-ID, tags and sequence tell requests apart."""
    transactions = ServerTransactions()
    old = request("OPTIONS", branch="1")
    transaction = send(transactions, old)
    assert transactions.receive(old, UDP, 0.0) is None
    assert send(transactions, request("OPTIONS", 2, branch="1")) is not transaction


def test_no_more_than_the_limit():
    """Beyond the limit requests are refused with a time to come back, and not remembered."""
    transactions = ServerTransactions(limit=1)
    send(transactions, request("OPTIONS"))
    assert transactions.receive(request("OPTIONS", 2, branch="z9hG4bKb"), UDP, 0.0) is None
    (outgoing,) = transactions.take_outgoing()
    assert read(outgoing.data).headers.get("Retry-After") == "5"
    assert len(transactions) == 1


def test_the_answer_goes_where_the_datagram_came_from():
    """With rport the answer returns to the port it came from, without to the one named; never to another host."""
    transactions = ServerTransactions()
    transaction = send(transactions, request("OPTIONS"))
    assert transaction.flow.port == 5080
    assert ";rport=5080;received=192.0.2.10" in transaction.request.headers.get("Via")
    other = send(transactions, request("OPTIONS", branch="z9hG4bKx", sequence=2, via_parameters=""),
                UDP.__class__("udp", "192.0.2.99", 1234))  # fmt: skip
    assert (other.flow.host, other.flow.port) == ("192.0.2.99", 5080)


def bye():
    """A request of ours."""
    return request("BYE", branch="z9hG4bKours", to_tag="them")


def reply(question, status, extra=()):
    """The peer's answer to a request of ours."""
    return Response(status, "", Headers([*[f for f in question.headers if f[0] != "Contact"], *extra]))


def test_our_request_is_repeated_until_answered():
    """A BYE of ours over UDP is repeated at growing pauses until its answer, which counts once."""
    asking = ClientTransactions()
    question = asking.send(bye(), UDP, 0.0)
    assert len(asking.take_outgoing()) == 1
    assert run(asking, 0, 8)[0] == [0.5, 1.5, 3.5, 7.5]
    assert asking.receive(reply(question.request, 200), 8.0) is question
    assert asking.receive(reply(question.request, 200), 8.1) is None
    assert run(asking, 8, 100) == ([], [])


def test_our_request_that_nobody_answers():
    """After 32 seconds a request of ours counts as unanswered."""
    asking = ClientTransactions()
    question = asking.send(bye(), TCP, 0.0)
    assert run(asking, 0, TRANSACTION_TIMEOUT)[1] == [question]


def test_refusal_of_our_invite_is_confirmed():
    """A refusal of an INVITE of ours is confirmed with the same branch, each time it comes."""
    asking = ClientTransactions()
    question = asking.send(request("INVITE", branch="z9hG4bKours", to_tag="them"), UDP, 0.0)
    asking.take_outgoing()
    refusal = reply(question.request, 491)
    assert asking.receive(refusal, 0.1) is question
    assert asking.receive(refusal, 0.2) is None
    confirmed = [one.data.split(b" ", 1)[0] for one in asking.take_outgoing()]
    assert confirmed == [b"ACK", b"ACK"]
