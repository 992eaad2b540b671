"""The alarm about calls that an exchange told of and that were not recorded."""

from datetime import datetime, timedelta

from rejent.streams.calls.catalog.queries import pbx

MISSING = "missing-calls"
MISSING_FOR = timedelta(days=1)
"""Time that it stays on after the last call that a PBX recorded and nobody else."""


def _missing(now: datetime) -> dict[str, object] | None:
    missing = pbx.missing_since(now - MISSING_FOR)
    return {"count": sum(missing.values())} if missing else None


ALARMS = {MISSING: _missing}
