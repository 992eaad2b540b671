"""The alarms that are on, as the commands tell them."""

from rejent.cli.output import shown


def alarm_rows() -> list[dict[str, object]]:
    """Each alarm's kind, what it is about, and since when; the installation must be open."""
    from rejent.retention import queries

    return [
        {"kind": alarm.kind, "subject": alarm.subject, "since": alarm.raised_at} for alarm in queries.alarms()
    ]


def alarm_lines(rows: list[dict[str, object]]) -> list[str]:
    """One line for each alarm."""
    return [
        " ".join(f"alarm: {row['kind']} {row['subject']}".split()) + f", since {shown(row['since'])}"
        for row in rows
    ]
