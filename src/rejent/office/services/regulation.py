"""The first entry of the ledger, the versions of the regulation, and the facts that let a stream start (R-OPEN-7)."""

import hashlib
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max

from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import ConflictError
from rejent.office.acts import GATE_ENTERED, INSTALLATION_CREATED, REGULATION_ACTIVATED
from rejent.office.errors import GateRefusedError
from rejent.office.installation import Installation
from rejent.office.models import GateFact, RegulationVersion
from rejent.office.queries import verified_streams
from rejent.office.regulation.gates import FactKind
from rejent.office.regulation.loading import load
from rejent.registers.services import enter


def enter_installation(installation: Installation, *, clock: Clock, actor: str) -> None:
    """Enter how an installation was created; the first act of its ledger."""
    record = {"id": installation.id, "test": installation.test, "name": installation.name}
    with transaction.atomic():
        subject = f"installation:{installation.id}"
        enter(INSTALLATION_CREATED, actor=actor, subject=subject, record=record, at=clock.now())


def activate_regulation(text: str, *, in_force_from: date, clock: Clock, actor: str) -> int:
    """Check a regulation and keep it as the next version; returns its number. Raises RegulationRefusedError."""
    load(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        version = 1 + (RegulationVersion.objects.aggregate(last=Max("version"))["last"] or 0)
        row = RegulationVersion.objects.create(
            version=version, text=text, sha256=digest, in_force_from=in_force_from, loaded_at=clock.now()
        )
        record = {"version": version, "sha256": digest, "in_force_from": in_force_from.isoformat()}
        subject = f"regulation:{version}"
        enter(REGULATION_ACTIVATED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return version


def found_regulation(text: str, *, test: bool, clock: Clock, actor: str) -> None:
    """Load the first regulation of an office, in force from today; in a test installation with every gate passed thirty days ago.

    Raises ConflictError: there is one already; RegulationRefusedError.
    """
    since = civil_date(clock.now()) - (TEST_GATES_BEFORE if test else timedelta())
    with transaction.atomic():
        if RegulationVersion.objects.exists():
            raise ConflictError(
                "A regulation is loaded already.",
                advice="The head of the office loads a new version on the page Regulation.",
            )
        activate_regulation(text, in_force_from=since, clock=clock, actor=actor)
        if test:
            publish_test_gates(clock=clock)


ENTERED = tuple(kind for kind in FactKind if kind is not FactKind.IN_FORCE)
"""Kinds that people enter; the other follows from the regulation."""

TEST_GATES_BEFORE = timedelta(days=30)
"""How long before its making the gates of a test installation count as passed, and its regulation as in force."""


def enter_gate(stream: str, kind: str, on: date, *, note: str, clock: Clock, actor: str) -> None:
    """Enter a fact about a stream, such as the day staff were told. Raises GateRefusedError."""
    today = civil_date(clock.now())
    if stream not in verified_streams(today):
        raise GateRefusedError("The regulation in force does not prescribe {stream}.", stream=stream)
    if kind not in ENTERED:
        known = " ".join(ENTERED)
        raise GateRefusedError(
            "{kind} is no fact that is entered.", kind=kind, advice="Known are: {known}.", known=known
        )
    if on > today:
        raise GateRefusedError(
            "{day} has not come yet.",
            day=on.isoformat(),
            advice="Enter what happened on the day it happened.",
        )
    with transaction.atomic():
        row = GateFact.objects.create(
            stream=stream, kind=kind, on=on, note=note, entered_at=clock.now(), entered_by=actor
        )
        record = {"stream": stream, "kind": kind, "on": on.isoformat()}
        subject = f"stream:{stream}"
        enter(GATE_ENTERED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)


def publish_test_gates(*, clock: Clock) -> None:
    """For a test installation: every fact of every stream lies so far back that its gate was passed thirty days before."""
    today = civil_date(clock.now())
    with transaction.atomic():
        for stream, rules in verified_streams(today).items():
            notice = max(rules.notices.staff_days + 1, rules.notices.marking_days)
            on = today - TEST_GATES_BEFORE - timedelta(days=notice)
            for kind in ENTERED:
                enter_gate(stream, kind, on, note="--test", clock=clock, actor="")
