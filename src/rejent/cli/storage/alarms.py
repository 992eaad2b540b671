"""The alarms that are on, as the commands show them."""

from rejent.cli.output import to_json_value


def alarm_rows() -> list[dict[str, object]]:
    """Return each alarm's kind, its subject, and since when; the installation must be open."""
    from django.conf import settings

    from rejent.access.viewings import volume
    from rejent.retention import queries

    kept = [
        {"kind": alarm.kind, "subject": alarm.subject, "since": alarm.raised_at} for alarm in queries.alarms()
    ]
    taken = [
        {"kind": volume.ALARM, "subject": f"person:{one.person_id}", "since": one.refused_at}
        for one in volume.exceeded(clock=settings.CLOCK)
    ]
    return kept + taken


def alarm_lines(rows: list[dict[str, object]]) -> list[str]:
    """Return one line for each alarm."""
    return [
        " ".join(f"alarm: {row['kind']} {row['subject']}".split()) + f", since {to_json_value(row['since'])}"
        for row in rows
    ]
