"""What fsck finds of access and of the office."""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256

from rejent.access import checks, services
from rejent.access.models import Authorisation, SeenInterval, Viewing
from rejent.kernel.clock import ManualClock
from rejent.kernel.findings import Finding
from rejent.office import checks as office_checks
from rejent.office import services as office
from rejent.office.models import Account, GateFact, Person, PersonRole, RegulationVersion, Token
from tests.unit.access.conftest import Issue, People
from tests.unit.access.test_viewings import open_viewing


def test_numbers_periods_and_viewings_are_checked(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Each damage has its own finding; what services wrote has none."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    services.note_seen(viewing.id, viewing.start, viewing.end, "clip", clock=clock)
    assert list(checks.findings(clock)) == []
    SeenInterval.objects.update(end=viewing.end + timedelta(minutes=1))
    Viewing.objects.update(expires_at=clock.now() - timedelta(hours=1), number="O-2026-7")
    Authorisation.objects.update(valid_until="2026-01-01")
    assert sorted({finding.code for finding in checks.findings(clock)}) == [
        "access.differs-from-ledger",
        "access.period-empty",
        "access.row-missing",
        "access.seen-altered",
        "access.seen-outside",
        "access.viewing-open",
        "access.volume-differs",
        "registers.number-gap",
    ]


def test_regulation_people_and_gates_are_checked(person: People, clock: ManualClock) -> None:
    """A text that is not what was loaded, an account or a token that outlived its person, a fact of no kind."""
    leaver = person("viewer")
    office.create_token(leaver.id, label="", days=1, clock=clock, actor="")
    office.person_left(leaver.id, clock=clock, actor="")
    assert list(office_checks.findings(clock)) == []
    Account.objects.update(is_active=True)
    Token.objects.update(revoked_at=None)
    GateFact.objects.create(stream="video", kind="wish", on="2026-01-01", entered_at=clock.now())
    RegulationVersion.objects.update(text="name = 1", version=3)
    assert sorted({finding.code for finding in office_checks.findings(clock)}) == [
        "office.account-open",
        "office.differs-from-ledger",
        "office.gate-unknown",
        "office.not-in-ledger",
        "office.regulation-changed",
        "office.row-missing",
        "office.token-valid",
        "office.version-gap",
    ]


def differing(findings: Iterable[Finding]) -> list[str]:
    """The kind of each thing that differs from the ledger."""
    return sorted(
        str(finding.facts["thing"]).partition(":")[0]
        for finding in findings
        if finding.code.endswith("differs-from-ledger")
    )


def test_authorisations_are_held_against_the_ledger(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """What the program issued and revoked is clean; a right that was widened or came back in the database is found."""
    viewer = person("viewer")
    kept, gone = issue(viewer), issue(viewer, source_ids=[source])
    services.revoke_authorisation(gone.number, clock=clock, actor="")
    assert list(checks.findings(clock)) == []
    Authorisation.objects.filter(number=gone.number).update(revoked_at=None, every_source=True)
    Authorisation.objects.filter(number=kept.number).update(
        revoked_at=clock.now(), acts=["live", "recordings"]
    )
    assert differing(checks.findings(clock)) == ["authorisation", "authorisation"]


def test_viewings_are_held_against_the_ledger(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Purpose, case, interval, the end and what was seen are what was entered."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    middle = viewing.start + (viewing.end - viewing.start) / 2
    services.note_seen(viewing.id, viewing.start, middle, "clip", clock=clock)
    clock.advance(timedelta(seconds=1))
    services.close_viewing(viewing.id, clock=clock, actor="")
    assert list(checks.findings(clock)) == []
    for end in (viewing.end, middle - timedelta(seconds=1)):
        SeenInterval.objects.update(end=end)
        assert differing(checks.findings(clock)) == ["viewing"]
    SeenInterval.objects.all().delete()
    Viewing.objects.update(purpose="another", case="another", closed_at=None)
    assert differing(checks.findings(clock)) == ["viewing"]


def test_roles_and_leaving_are_held_against_the_ledger(person: People, clock: ManualClock) -> None:
    """A role given and a person brought back in the database alone are found."""
    clerk, leaver = person("clerk"), person("clerk")
    office.set_roles(clerk.id, ["viewer", "clerk"], clock=clock, actor="")
    office.person_left(leaver.id, clock=clock, actor="")
    assert list(office_checks.findings(clock)) == []
    PersonRole.objects.create(person_id=clerk.id, role="head")
    Person.objects.filter(pk=leaver.id).update(left_on=None)
    assert differing(office_checks.findings(clock)) == ["person", "person"]


def test_gates_and_regulation_are_held_against_the_ledger(person: People, clock: ManualClock) -> None:
    """A fact backdated, one that nobody entered, and a text changed together with its digest are found."""
    person("clerk")
    office.enter_gate("video", "staff-told", clock.now().date(), note="", clock=clock, actor="")
    assert list(office_checks.findings(clock)) == []
    GateFact.objects.update(on="2026-01-01")
    assert differing(office_checks.findings(clock)) == ["gatefact"]
    GateFact.objects.all().delete()
    assert [finding.code for finding in office_checks.findings(clock)] == ["office.row-missing"]
    text = RegulationVersion.objects.get().text + "\n"
    RegulationVersion.objects.update(text=text, sha256=sha256(text.encode()).hexdigest())
    assert differing(office_checks.findings(clock)) == ["regulationversion"]
