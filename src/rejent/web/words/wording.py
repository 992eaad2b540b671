"""Days, times, durations and sizes in the language of the reader."""

from datetime import date, datetime, timedelta

from django.utils import dateformat, formats
from django.utils.translation import get_language, gettext, ngettext, pgettext

from rejent.catalog.views import Short
from rejent.kernel.clock import civil_date, clock_time, local_midnight
from rejent.kernel.intervals import Interval
from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import Unit

HARD_SPACE = "\u00a0"


def day_digits(day: date) -> str:
    """``21.11.2026``, in both languages."""
    return f"{day:%d.%m.%Y}"


def day_words(day: date) -> str:
    """``sobota, 21 listopada 2026 r.`` or ``Saturday, 21 November 2026``."""
    written = dateformat.format(day, pgettext("date with weekday, Django format", "l, j F Y"))
    return written[0].lower() + written[1:] if _weekdays_are_small() else written


def _weekdays_are_small() -> bool:
    """Polish writes weekdays with a small letter, English with a capital one."""
    return (get_language() or "").startswith("pl")


def day_short(day: date) -> str:
    """``21 listopada 2026 r.`` or ``21 November 2026``."""
    return dateformat.format(day, pgettext("date, Django format", "j F Y"))


def week_digits(first: date, last: date) -> str:
    """``16.11–22.11.2026``; both years where they differ."""
    begins = f"{first:%d.%m}" if first.year == last.year else day_digits(first)
    return f"{begins}–{day_digits(last)}"


def time_digits(instant: datetime, *, seconds: bool = True) -> str:
    """``14:05:09``; in the second run of the repeated autumn hour ``02a:05:09``."""
    return clock_time(instant, padded=True, seconds=seconds)


def whole_seconds(start: datetime, end: datetime) -> float:
    """Return the seconds between two clock times as `time_digits` writes them, so that both and their length agree."""
    return (end.replace(microsecond=0) - start.replace(microsecond=0)).total_seconds()


def lasting(part: Interval) -> str:
    """Return a length in words that agrees with the clock times between which it is shown."""
    whole = whole_seconds(part.start, part.end)
    return duration_words(whole) if whole else gettext("less than a second")


def end_digits(start: datetime, end: datetime) -> str:
    """Return the clock time at which something of one civil date ends; the end of the date is 24:00:00."""
    return "24:00:00" if civil_date(end) != civil_date(start) else time_digits(end)


def clock_span(start: datetime, end: datetime) -> str:
    """``14:05:09–14:06:00``, within one civil date."""
    return f"{time_digits(start)}–{end_digits(start, end)}"


def quoted(name: str) -> str:
    """Return a name in the quotation marks of the reader's language."""
    return gettext("“%(name)s”") % {"name": name}


def moment_digits(instant: datetime) -> str:
    """``21.11.2026 14:05:09``."""
    return f"{day_digits(civil_date(instant))} {time_digits(instant)}"


def span_digits(start: datetime, end: datetime) -> str:
    """``21.11.2026 14:30:00–14:44:10``; the second date only where it is another day."""
    last = time_digits(end) if civil_date(end) == civil_date(start) else moment_digits(end)
    return f"{moment_digits(start)}–{last}"


def period_digits(start: datetime, end: datetime) -> str:
    """``21.11.2026`` or ``21.11.2026–22.11.2026`` of whole civil dates; otherwise with the hours."""
    first, last = civil_date(start), civil_date(end) - timedelta(days=1)
    if first > last or (start, end) != (local_midnight(first), local_midnight(last + timedelta(days=1))):
        return span_digits(start, end)
    return day_digits(first) if first == last else f"{day_digits(first)}–{day_digits(last)}"


def moment_near(instant: datetime, now: datetime) -> str:
    """``dziś 14:05``, ``wczoraj 8:30``, ``7 listopada 2026 r., 8:30``."""
    days = (civil_date(now) - civil_date(instant)).days
    clock = clock_time(instant, seconds=False)
    if days == 0:
        return gettext("today %(time)s") % {"time": clock}
    if days == 1:
        return gettext("yesterday %(time)s") % {"time": clock}
    return f"{day_short(civil_date(instant))}, {clock}"


def since_words(instant: datetime, now: datetime) -> str:
    """``14:02`` of today, else with its date: the end of „nie nagrywa od …”."""
    if civil_date(instant) == civil_date(now):
        return clock_time(instant, seconds=False)
    return f"{day_digits(civil_date(instant))} {clock_time(instant, seconds=False)}"


def length_words(count: int, unit: str) -> str:
    """``1 dzień``, ``2 tygodnie``, ``6 miesięcy``: a length that a regulation sets, in one of the units of terms."""
    forms = {
        Unit.DAYS: ngettext("%(n)s day", "%(n)s days", count),
        Unit.WEEKS: ngettext("%(n)s week", "%(n)s weeks", count),
        Unit.MONTHS: ngettext("%(n)s month", "%(n)s months", count),
    }
    return forms[Unit(unit)] % {"n": count}


def duration_words(seconds: float) -> str:
    """``14 minut 10 sekund``, ``1 godzina 12 minut``, ``3 dni 4 godziny``: the two largest units that count."""
    if seconds < 0:
        return f"−{duration_words(-seconds)}"
    whole = round(seconds)
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    parts = [
        (days, ngettext("%(n)s day", "%(n)s days", days)),
        (hours, ngettext("%(n)s hour", "%(n)s hours", hours)),
        (minutes, ngettext("%(n)s minute", "%(n)s minutes", minutes)),
        (secs, ngettext("%(n)s second", "%(n)s seconds", secs)),
    ]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    words = [text % {"n": number} for number, text in parts[:2] if number]
    return " ".join(words) or ngettext("%(n)s second", "%(n)s seconds", 0) % {"n": 0}


def duration_short(seconds: float) -> str:
    """``23 h 34 min``, ``26 min``, ``10 s``: for tables and the axis."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{HARD_SPACE}s"
    minutes, secs = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}{HARD_SPACE}min" + (f" {secs}{HARD_SPACE}s" if secs and minutes < 10 else "")
    hours, minutes = divmod(minutes, 60)
    return f"{number(hours)}{HARD_SPACE}h" + (f" {minutes}{HARD_SPACE}min" if minutes else "")


def days_left(days: int) -> str:
    """``jeszcze 9 dni``, ``dziś do końca dnia``, ``po terminie od 2 dni``."""
    if days == 0:
        return gettext("today until the end of the day")
    if days < 0:
        return ngettext("overdue by %(n)s day", "overdue by %(n)s days", -days) % {"n": -days}
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


def number(value: int) -> str:
    """``48 213`` with a hard space, in both languages."""
    return f"{value:,}".replace(",", HARD_SPACE)


def size_words(size: int) -> str:
    """``1,4 GB``: decimal units, one digit after the sign where the number is small."""
    amount, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    digits = 0 if unit == "B" or amount >= 100 else 1
    return f"{formats.number_format(round(amount, digits), digits, use_l10n=True)}{HARD_SPACE}{unit}"


def short_words(short: Short) -> list[str]:
    """Return sentences on what is missing or out of time in a recording besides its gaps; none where that is nothing."""
    sentences = []
    if short.seams > 0:
        seconds = f"{formats.number_format(round(short.seams_s, 1), 1, use_l10n=True)}{HARD_SPACE}s"
        counted = gettext("Short gaps, not listed one by one: %(n)s, %(total)s in all.")
        sentences.append(counted % {"n": number(short.seams), "total": seconds})
    if short.dropped:
        counted = gettext("Pictures that came and could not be kept: %(n)s.")
        sentences.append(counted % {"n": number(short.dropped)})
    if short.retimed:
        counted = gettext(
            "Pictures with an impossible time stamp, shown at the time between their neighbours or of arrival: %(n)s."
        )
        sentences.append(counted % {"n": number(short.retimed)})
    return sentences


def offset_words(seconds: float | None) -> str:
    """Return a camera clock's offset: ``+2 s``, ``−1 min 5 s``, or that it is not measured."""
    if seconds is None:
        return gettext("not measured")
    if abs(seconds) < 0.5:
        return f"0{HARD_SPACE}s"
    return f"{'+' if seconds > 0 else '−'}{duration_short(abs(seconds))}"


class PageLanguage:
    """The reader's language, for sentences handed out by the subjects (see `rejent.kernel.sentences`)."""

    def gettext(self, message: str) -> str:
        """Return the message in the reader's language."""
        return gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form that belongs to the number."""
        return ngettext(singular, plural, number)

    def day(self, day: date) -> str:
        """Return a date with its weekday."""
        return day_words(day)


PAGE_LANGUAGE = PageLanguage()


def sentence_words(sentence: Sentence) -> str:
    """Return a sentence of a subject, in the reader's language; a Polish date that ends it brings its own full stop."""
    return sentence.render(PAGE_LANGUAGE).replace(" r..", " r.")
