"""A week's report as the paper that is filed, and that the keeper makes by itself when the week has closed."""

from collections.abc import Iterator
from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext

from rejent.access.supervision import reviews
from rejent.access.supervision.weeks import Week
from rejent.documents.papers import Report, ReportSection
from rejent.documents.rendering import render_pdf
from rejent.web.registers.letterheads import letterhead
from rejent.web.stream_parts import Reading, ReportLine, Section
from rejent.web.supervision.week_duties import duties
from rejent.web.supervision.week_report import Totals, who_saw
from rejent.web.words import wording


def week_digest(week: Week, *, with_secret_places: bool) -> bytes:
    """Return the report in the reader's language, as PDF."""
    reading = Reading.of(week, with_secret_places=with_secret_places)
    sections, totals = who_saw(reading)
    shown = [*sections, *duties(reading)]
    return render_pdf(
        Report(
            letterhead=replace(
                letterhead(
                    gettext("Report of supervision, week %(week)s")
                    % {"week": wording.week_digits(week.first, week.last)},
                    made_at=reading.now,
                    entry=None,
                ),
                marks=(
                    gettext(
                        "It holds names and nothing of any recording. Each taking is entered in the register of actions."
                    ),
                ),
            ),
            remarks=tuple(_remarks(reading, totals)),
            sections=tuple(_section(one) for one in shown),
        )
    )


def filed_digest(week: Week) -> bytes:
    """Return the report as the keeper files it: in Polish, without any secret place."""
    with translation.override("pl"):
        return week_digest(week, with_secret_places=False)


def _remarks(reading: Reading, totals: Totals) -> list[str]:
    span = {"first": wording.day_short(reading.week.first), "last": wording.day_short(reading.week.last)}
    as_of = {"moment": wording.moment_digits(reading.now)}
    remarks = [
        gettext("From %(first)s to %(last)s") % span,
        " ".join(_numbers(totals)),
        _sampled(reading),
        gettext("As of %(moment)s.") % as_of,
    ]
    if reading.now < reading.span.end:
        remarks.append(gettext("The week is not over; what follows may still change."))
    return remarks


def _numbers(totals: Totals) -> Iterator[str]:
    viewings = {
        "viewings": wording.number(totals.viewings),
        "seen": wording.duration_words(totals.seen_s),
    }
    if totals.lasting:
        yield gettext("Recordings opened: %(viewings)s, handed to browsers: %(seen)s.") % viewings
    else:
        yield gettext("Recordings opened: %(viewings)s.") % viewings
    if totals.live:
        yield gettext("Live pictures: %(length)s.") % {"length": wording.duration_words(totals.live_s)}
    yield gettext("Refused attempts: %(refused)s.") % {"refused": wording.number(totals.refused)}


def _sampled(reading: Reading) -> str:
    sample = reviews.sample(reading.week)
    if sample is None:
        return gettext("The sample of this week is not drawn yet.")
    numbers = {
        "count": wording.number(len(sample.viewings)),
        "population": wording.number(sample.population),
        "size": wording.number(sample.size),
    }
    return (
        gettext(
            "Drawn for review: %(count)s of %(population)s viewings, by the signed state of the ledger with %(size)s entries."
        )
        % numbers
    )


def _section(one: Section) -> ReportSection:
    rows = tuple(_row(line) for line in one.lines)
    more = gettext("and %(n)s more") % {"n": wording.number(one.more)} if one.more else ""
    return ReportSection(one.title, rows, one.empty, more)


def _row(line: ReportLine) -> tuple[str, str]:
    state = f" [{line.state[1]}]" if line.state else ""
    return line.subject, f"{line.words}{state}"


def file_name(week: Week) -> str:
    """Return the name of the file: small letters of ASCII."""
    return f"nadzor-{str(week).lower()}.pdf"
