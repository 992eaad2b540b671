"""A viewing that was put into the database by hand plays nothing, nor does one that was entered for somebody or something else."""

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from rejent.access import services
from rejent.access.acts import VIEWING_OPENED
from rejent.access.checks import findings
from rejent.access.models import Authorisation, Viewing
from rejent.kernel.clock import ManualClock
from rejent.ledger.location import LedgerLocation
from rejent.office.models import PersonRole, RegulationVersion
from rejent.registers import checks as registers
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.services import take_number
from rejent.web.route_permissions import route_permissions, showing_routes
from rejent.web.signing_in.sessions import kept_as
from tests.planted import with_other_keys
from tests.unit.web.conftest import NOON, text_of
from tests.unit.web.test_call_pages import (
    CALL,
    OTHER,
    SECONDS,
    START,
    call,
    line,
    opened,
    piece,
    search,
    somebody,
    viewer,
    workshop,
)

__all__ = ["call", "line", "opened", "viewer", "workshop"]

pytestmark = pytest.mark.usefixtures("call", "as_after_a_restart")


def planted(person: UUID, line: str, client: Client, number: str = "O-2026-999") -> UUID:
    """A viewing of the call, put into the database for a person and the session of a browser."""
    session = client.session.session_key
    assert session is not None
    row = Viewing.objects.create(
        id=uuid4(), number=number, person_id=person, source_id=line, item=CALL, start=START,
        end=START + timedelta(seconds=SECONDS), purpose="jakosc-obslugi", case="x", session=kept_as(session),
        opened_at=NOON, expires_at=NOON + timedelta(hours=2),
    )  # fmt: skip
    return row.pk


def test_a_viewing_that_nobody_entered_plays_nothing(line: str, viewer: Client) -> None:
    """Not even to somebody who could open one: neither its page nor a piece of the sound."""
    person = Authorisation.objects.get().person_id
    viewing = planted(person, line, viewer)
    assert viewer.get(reverse("viewing", args=[viewing])).status_code == 404
    assert piece(viewer, viewing, 0, 5).status_code == 404


def test_a_viewing_planted_with_its_number_and_an_entry_plays_nothing_and_is_found(
    line: str, viewer: Client, clock: ManualClock
) -> None:
    """Whoever writes the database alone can put an entry into the ledger that gives the root, but not the program's tag."""
    person = Authorisation.objects.get().person_id
    with transaction.atomic():
        take_number("viewings", 2026)
    viewing = planted(person, line, viewer, "O-2026-1")
    row = Viewing.objects.get(pk=viewing)
    record = {"number": row.number, "person": str(person), "source": line, "call": CALL, "start": row.start.isoformat(),
              "end": row.end.isoformat(), "purpose": row.purpose, "case": row.case, "until": row.expires_at.isoformat(),
              "authorisation": Authorisation.objects.get().number, "station": None, "second": None, "protocol": None}  # fmt: skip
    with_other_keys(VIEWING_OPENED, f"source:{line}", record, row)
    assert viewer.get(reverse("viewing", args=[viewing])).status_code == 404
    assert piece(viewer, viewing, 0, 5).status_code == 404
    codes = {each.code for each in findings(clock)}
    assert codes == {"access.differs-from-ledger", "access.seen-altered"}
    place = LedgerLocation(Path("nowhere"), Path("nowhere"), "rejent/test")
    assert [each.code for each in registers.findings(place)] == ["registers.entry-untagged"]


def test_a_role_put_in_by_hand_sees_no_numbers_and_hears_nothing(line: str, clock: ManualClock) -> None:
    """Whoever planted role, authorisation and viewing for themselves is refused at every door that shows recordings."""
    person, client = somebody("clerk", clock)
    PersonRole.objects.create(person_id=person.id, role="viewer")
    Authorisation.objects.create(
        number="U/999/2026", person_id=person.id, acts=["recordings"], stream="calls", every_source=True,
        valid_from=date(2026, 1, 1), issued_at=NOON,
    )  # fmt: skip
    viewing = planted(person.id, line, client)
    page = client.get(reverse("call-open", args=[CALL]))
    assert page.status_code >= 400
    assert "555" not in text_of(page)
    assert client.get(reverse("calls")).status_code >= 400
    assert client.get(reverse("viewing", args=[viewing])).status_code >= 400
    assert piece(client, viewing, 0, 5).status_code >= 400
    assert client.get(reverse("protocols")).status_code >= 400
    report = reverse("viewing-presented", args=[viewing])
    assert client.get(report).status_code == 405, "it takes reports and shows nothing"
    assert client.post(report, {"presented": ""}).status_code == 403


@pytest.mark.parametrize("column", ["number", "item", "start", "end", "purpose", "case", "station", "second_id", "opened_at", "expires_at"])  # fmt: skip
def test_an_edited_viewing_plays_nothing(
    column: str, opened: tuple[Client, UUID], clock: ManualClock
) -> None:
    """Each column that the act tells of must stand in the row as it was entered, also after pieces were played."""
    client, viewing = opened
    assert piece(client, viewing, 0, 1).status_code == 200
    moment = timedelta(seconds=1)
    second, _ = somebody("secretary", clock)
    changed: dict[str, Any] = {
        "number": "O-2026-998", "item": OTHER, "start": START - moment, "end": START + timedelta(hours=1),
        "purpose": "skarga", "case": "another", "station": "K-1", "second_id": second.id, "opened_at": NOON - moment,
        "expires_at": NOON + timedelta(days=1),
    }  # fmt: skip
    Viewing.objects.filter(pk=viewing).update(**{column: changed[column]})
    assert piece(client, viewing, 0, 1).status_code == 404
    assert "access.differs-from-ledger" in {each.code for each in findings(clock)}


def test_a_search_is_refused_to_a_role_put_in_by_hand(viewer: Client) -> None:
    """What is posted was refused before; what is read is, too, once a role is no longer what was entered."""
    assert search(viewer).status_code == 200
    PersonRole.objects.create(person_id=Authorisation.objects.get().person_id, role="secretary")
    assert viewer.get(reverse("call-open", args=[CALL])).status_code >= 400


def test_a_closed_viewing_that_is_opened_again_by_hand_plays_nothing(
    opened: tuple[Client, UUID], clock: ManualClock
) -> None:
    """What was heard stands in the act that closed it; nothing may be heard behind that."""
    client, viewing = opened
    assert piece(client, viewing, 0, 1).status_code == 200
    services.close_viewing(viewing, clock=clock, actor="")
    assert list(findings(clock)) == []
    Viewing.objects.filter(pk=viewing).update(closed_at=None)
    assert piece(client, viewing, 1, 2).status_code == 404
    assert "access.differs-from-ledger" in {each.code for each in findings(clock)}


@pytest.mark.parametrize("edit", ["planted", "revoked", "ended", "another's"])
def test_an_authorisation_that_the_ledger_does_not_tell_of_opens_nothing(
    edit: str, viewer: Client, clock: ManualClock
) -> None:
    """Neither one put in by hand nor one that was revoked or ran out, or is somebody else's; no number is shown."""
    person, client = somebody("viewer", clock, "second")
    (real,) = Authorisation.objects.all()
    if edit == "revoked":
        services.revoke_authorisation(real.number, clock=clock, actor="")
    changed = {"ended": {"valid_until": date(2026, 12, 31)}, "another's": {"person_id": person.id}}
    Authorisation.objects.update(revoked_at=None, **changed.get(edit, {}))
    if edit == "planted":
        Authorisation.objects.create(
            number="U-2026-999", person_id=person.id, acts=["recordings"], stream="calls", every_source=True,
            valid_from=date(2026, 1, 1), issued_at=NOON,
        )  # fmt: skip
    asking = client if edit in {"planted", "another's"} else viewer
    assert "555" not in text_of(search(asking))
    purpose = {"purpose": "jakosc-obslugi", "case": "x", "acknowledged": "on"}
    assert asking.post(reverse("call-open", args=[CALL]), purpose).status_code >= 400
    assert not Viewing.objects.exists()
    code = "not-in-ledger" if edit == "planted" else "differs-from-ledger"
    assert f"access.{code}" in {each.code for each in findings(clock)}


@pytest.mark.parametrize("edit", ["laxer", "newer"])
def test_a_regulation_that_was_edited_for_a_moment_opens_nothing(edit: str, viewer: Client) -> None:
    """Neither a version whose text is another one nor one that was put in: without it the same person finds and opens calls."""
    row = RegulationVersion.objects.get()
    text = row.text.replace("jakosc-obslugi", "ciekawosc")
    if edit == "laxer":
        RegulationVersion.objects.update(text=text, sha256=sha256(text.encode()).hexdigest())
    else:
        RegulationVersion.objects.create(
            version=2, text=text, sha256="", in_force_from=date(2026, 2, 1), loaded_at=NOON
        )
    stated = {"purpose": "ciekawosc", "case": "x", "acknowledged": "on"}
    assert viewer.post(reverse("call-open", args=[CALL]), stated).status_code >= 400
    assert "555" not in text_of(search(viewer))
    assert not Viewing.objects.exists()
    code = "differs-from-ledger" if edit == "laxer" else "not-in-ledger"
    assert [each.code for each in guarded_rows("office")] == [f"office.{code}"]
    RegulationVersion.objects.filter(version=2).delete()
    RegulationVersion.objects.update(text=row.text, sha256=row.sha256)
    assert "555" in text_of(search(viewer))
    stated["purpose"] = "jakosc-obslugi"
    assert viewer.post(reverse("call-open", args=[CALL]), stated).status_code == 302


def test_doors_that_show_recordings_are_doors() -> None:
    """Every name is one of the table, and none of a viewing's, a call's or a protocol's is left out."""
    assert route_permissions().keys() >= showing_routes()
    shown = {name for name in route_permissions() if name.startswith(("viewing-", "call-", "protocol-"))}
    assert shown - showing_routes() == {
        "viewing-standing",
        "viewing-presented",
        "viewing-close",
        "call-hold",
        "protocol-end",
        "protocol-position",
    }
