"""Protocols of viewings as the HTTP interface tells of them: that they are there, never what stands in them."""

from collections.abc import Callable
from datetime import date, timedelta

from rejent.access import services as access
from rejent.kernel.clock import ManualClock
from tests.people import add_person

from .conftest import NOON, PASSWORD, Asked


def test_protocols_are_told_of_without_their_texts(
    ask: Callable[..., Asked], source: str, clock: ManualClock
) -> None:
    """Number, people by identifier, purpose, case and state; chosen by state; an unknown state is refused."""
    viewer = add_person(
        "Anna", post="", roles=["viewer"], username="anna", password=PASSWORD, clock=clock, actor=""
    )
    access.issue_authorisation(
        person_id=viewer.id, acts=["recordings"], stream="video", source_ids=None, valid_from=date(2026, 11, 1),
        valid_until=None, clock=clock, actor="",
    )  # fmt: skip
    viewing = access.open_viewing(
        person=viewer, source_id=source, start=NOON - timedelta(hours=1), end=NOON, purpose="bezpieczenstwo", case="OR.1",
        session="s", clock=clock, acknowledged=True,
    )  # fmt: skip
    access.close_viewing(viewing.id, clock=clock, actor="")
    asked = ask("iod")
    (owed,) = asked.get("/protocols", state="unfinished")[1]
    assert (owed["number"], owed["person_id"], owed["case"]) == (viewing.number, str(viewer.id), "OR.1")
    texts = {"findings": "Ktoś wchodzi.", "follow-up": "Nic."}
    access.finish_protocol(viewing.number, texts, person=viewer, clock=clock)
    status, told = asked.get("/protocols")
    assert status == 200
    assert [each["state"] for each in told] == ["complete"]
    assert "Ktoś" not in str(told)
    assert "Anna" not in str(told)
    assert asked.get("/protocols", state="unfinished")[1] == []
    assert asked.get("/protocols", state="lost")[0] in {400, 422}
    assert ask("administrator").get("/protocols")[0] == 403
