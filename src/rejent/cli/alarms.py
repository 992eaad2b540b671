"""The alarms that are on, as the commands tell them."""

from rejent.cli.output import shown


def alarm_rows() -> list[dict[str, object]]:
    """Each alarm's kind, what it is about, and since when; the installation must be open."""
    from django.conf import settings

    from rejent.access import volume
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
    """One line for each alarm."""
    return [
        " ".join(f"alarm: {row['kind']} {row['subject']}".split()) + f", since {shown(row['since'])}"
        for row in rows
    ]
