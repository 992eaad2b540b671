"""What fsck finds of access and of the office."""

from datetime import timedelta

from rejent.access import checks, services
from rejent.access.models import Authorisation, SeenInterval, Viewing
from rejent.kernel.clock import ManualClock
from rejent.office import checks as office_checks
from rejent.office import services as office
from rejent.office.models import Account, GateFact, RegulationVersion, Token
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
    Viewing.objects.update(expires_at=clock.now() - timedelta(hours=1), number="O/7/2026")
    Authorisation.objects.update(valid_until="2026-01-01")
    assert sorted(finding.code for finding in checks.findings(clock)) == [
        "access.period-empty",
        "access.seen-outside",
        "access.viewing-open",
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
    assert sorted(finding.code for finding in office_checks.findings(clock)) == [
        "office.account-open",
        "office.gate-unknown",
        "office.regulation-changed",
        "office.token-valid",
        "office.version-gap",
    ]
