"""What an office states for its statement of accessibility, as rows hold it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from rejent.notices.publication.views import Accessibility, Conformance

_DAYS = frozenset({"published_on", "changed_on", "made_on", "reviewed_on"})


def as_facts(stated: Accessibility) -> dict[str, str]:
    """Return it as JSON values; what is not stated is empty."""
    told = asdict(stated)
    del told["entered_at"]
    return {
        name: value.isoformat() if isinstance(value, date) else str(value or "")
        for name, value in told.items()
    }


def as_accessibility(facts: Mapping[str, str]) -> Accessibility:
    """Return it as a view."""
    days = {name: date.fromisoformat(facts[name]) for name in _DAYS if facts.get(name)}
    rest = {name: value for name, value in facts.items() if name not in _DAYS and name != "conformance"}
    return Accessibility(**rest, **days, conformance=Conformance(facts["conformance"]))  # type: ignore[arg-type]
