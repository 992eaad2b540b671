"""The office's part of ``fsck``: the regulation as it was loaded, people who left, gates of running streams."""

import json
from collections.abc import Iterator
from hashlib import sha256

from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.findings import Finding, run_checks
from rejent.office.breaches.models import Breach
from rejent.office.breaches.queries import SERIES as BREACHES
from rejent.office.installation import Installation
from rejent.office.models import Account, Fault, GateFact, RegulationVersion, Token
from rejent.office.queries import created_as
from rejent.office.regulation.findings import RegulationRefusedError
from rejent.office.regulation.gates import FactKind
from rejent.office.regulation.loading import load
from rejent.office.services.maintenance import SERIES as FAULTS
from rejent.registers.checks import numbering
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows

SUBJECT = "office"


def installation_findings(installation: Installation) -> Iterator[Finding]:
    """Yield where ``rejent.toml`` differs from the installation's first entry."""
    created = created_as()
    if created is None:
        yield _found(
            "installation-unentered", "The ledger does not begin with how this installation was created."
        )
        return
    for key, configured in (("id", installation.id), ("test", installation.test)):
        if created.get(key) != configured:
            yield _found(
                "installation-changed",
                "rejent.toml says {key} = {said}, but the installation was created with {created}.",
                key=key,
                said=json.dumps(configured),
                created=json.dumps(created.get(key)),
            )


def findings(clock: Clock) -> Iterator[Finding]:
    """Yield everything of the office that is not as it was entered."""
    yield from run_checks(
        SUBJECT,
        {
            "regulation": _regulation,
            "leavers": lambda: _people(clock),
            "gate-kinds": _gate_kinds,
            "numbers-of-faults": lambda: numbering(FAULTS, Fault.objects.values_list("number", flat=True)),
            "numbers-of-breaches": lambda: numbering(
                BREACHES, Breach.objects.values_list("number", flat=True)
            ),
            "ledger": lambda: guarded_rows(SUBJECT),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _regulation() -> Iterator[Finding]:
    versions = list(RegulationVersion.objects.order_by("version"))
    if [row.version for row in versions] != list(range(1, len(versions) + 1)):
        yield _found("version-gap", "The versions of the regulation have a gap.")
    for row in versions:
        if sha256(row.text.encode()).hexdigest() != row.sha256:
            yield _found(
                "regulation-changed",
                "Version {version} of the regulation is not what was loaded.",
                version=row.version,
            )
            continue
        try:
            load(row.text)
        except RegulationRefusedError:
            yield _found(
                "regulation-refused",
                "Version {version} of the regulation breaks a rule by what the program knows now.",
                version=row.version,
            )


def _gate_kinds() -> Iterator[Finding]:
    for fact in GateFact.objects.exclude(kind__in=[kind.value for kind in FactKind]):
        yield _found("gate-unknown", "A fact of the unknown kind {kind} is entered.", kind=fact.kind)


def _people(clock: Clock) -> Iterator[Finding]:
    today = civil_date(clock.now())
    gone = {"person__left_on__isnull": False, "person__left_on__lte": today}
    for account in Account.objects.filter(is_active=True, **gone):
        yield _found(
            "account-open",
            "Person {person} has left, but the account is open.",
            person=str(account.person_id),
        )
    for token in Token.objects.filter(revoked_at__isnull=True, expires_at__gt=clock.now(), **gone):
        yield _found(
            "token-valid", "Person {person} has left, but a token is valid.", person=str(token.person_id)
        )


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)
