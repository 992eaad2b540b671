"""Filters and tags of templates: icons, states, fields, and the office's way of writing times."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from html import escape
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField, Field
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import civil_date, clock_time
from rejent.web.pages.plots import HEIGHT, WIDTH, Mark
from rejent.web.route_permissions import may_enter
from rejent.web.words import wording
from rejent.web.words.provenance import source_words
from rejent.web.words.sources import recordings_title

register = template.Library()

STATE_ICONS = {
    "recording": "player-record",
    "attention": "alert-triangle",
    "stopped": "octagon-minus",
    "held": "lock",
    "neutral": "circle-dashed",
}

register.filter("said", wording.sentence_words)
register.filter("day", wording.day_digits)
register.filter("day_words", wording.day_words)
register.filter("day_short", wording.day_short)
register.filter("moment", wording.moment_digits)
register.filter("span_to", wording.span_digits)
register.filter("period_to", wording.period_digits)
register.filter("clock", wording.time_digits)
register.filter("duration", wording.duration_words)
register.filter("lasting", wording.lasting)
register.simple_tag(recordings_title)
register.filter("duration_short", wording.duration_short)
register.filter("size", wording.size_words)
register.filter("number", wording.number)
register.filter("offset", wording.offset_words)


@register.filter
def moment_short(instant: datetime) -> str:
    """``21.11.2026 14:05``."""
    return f"{wording.day_digits(civil_date(instant))} {wording.time_digits(instant, seconds=False)}"


@register.filter
def clock_short(instant: datetime) -> str:
    """Return the office's time of an instant without seconds: ``14:05``."""
    return clock_time(instant, seconds=False)


@register.filter
def day_of(instant: datetime) -> str:
    """Return the office's date of an instant: ``21.11.2026``."""
    return wording.day_digits(civil_date(instant))


@register.filter
def day_or_empty(day: date | str) -> str:
    """Return the date in digits, or nothing."""
    return wording.day_digits(day) if isinstance(day, date) else ""


@register.filter
def near(instant: datetime) -> str:
    """Return the moment as seen from now: ``dziś 14:05``."""
    return wording.moment_near(instant, settings.CLOCK.now())


@register.filter
def near_span(start: datetime, end: datetime) -> str:
    """Return both ends as seen from now: ``dziś 14:05–14:32``; one where they read the same."""
    if near(start) == near(end):
        return near(start)
    same_day = civil_date(start) == civil_date(end)
    last = clock_time(end, seconds=False) if same_day else near(end)
    return f"{near(start)}–{last}"


@register.filter
def since(instant: datetime) -> str:
    """Return the end of „nie nagrywa od …”."""
    return wording.since_words(instant, settings.CLOCK.now())


@register.filter
def week(chosen: Week) -> str:
    """Return the days of a week: ``16.11–22.11.2026``."""
    return wording.week_digits(chosen.first, chosen.last)


@register.filter
def left(day: date) -> str:
    """Return the time left until a day ends: ``jeszcze 9 dni``."""
    return wording.days_left((day - civil_date(settings.CLOCK.now())).days)


@register.filter
def unlocalised(value: float) -> str:
    """Return a number for scripts, with a dot, whatever the language."""
    return f"{value:g}" if value == round(value, 3) else f"{value:.3f}"


@register.simple_tag
def percent(part: float, whole: float) -> str:
    """Return a place or length on an axis, for SVG."""
    return f"{100 * part / whole:.4f}%"


@register.simple_tag
def drawn(marks: Sequence[Mark]) -> SafeString:
    """Return marks as a picture that stretches to its place; the table beside it tells them to readers."""
    rows = ((one.kind, *map(unlocalised, (one.x, one.y, one.width, one.height))) for one in marks)
    return format_html(
        '<svg class="marks" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        WIDTH,
        HEIGHT,
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', rows),
    )


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return an icon of the sprite; always beside a word, so that it is hidden from readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("vendor/tabler/sprite.svg"),
        name,
    )


@register.simple_tag
def source_of(stream: str, key: str) -> str:
    """Return where a provision of the regulation comes from: its text, or the program's reading and why."""
    return source_words(stream, key)


@register.simple_tag
def state(kind: str, words: str) -> SafeString:
    """Return a state: tint, icon and word."""
    return format_html(
        '<span class="state state-{}">{}<span>{}</span></span>', kind, icon(STATE_ICONS[kind]), words
    )


@register.simple_tag
def row_cells(titles: Sequence[str], cells: Sequence[str]) -> SafeString:
    """Return the cells of a row, each with its column's title for narrow screens; a loop of the template takes five times as long."""
    pairs = zip(titles, cells, strict=True)
    return SafeString(
        "".join(
            f'<td data-title="{escape(title)}"><span>{escape(words)}</span></td>' for title, words in pairs
        )
    )


@register.simple_tag(takes_context=True)
def way_to(context: Context, route: str, *args: object) -> str:
    """Return the address of a page that is open to the reader; empty for one that would be refused."""
    return reverse(route, args=args) if may_enter(context.get("person"), route) else ""


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, extra: str = "") -> dict[str, Any]:
    """Return a field with its label, hint and error."""
    return {"field": bound, "extra": extra}


@register.inclusion_tag("parts/field.html")
def barefield(bound: BoundField, *, begins: bool = False) -> dict[str, Any]:
    """Return a field of others' forms with its label alone, without hint and placeholder; where one ``begins``, it has the focus."""
    attrs: dict[str, str | bool] = {"placeholder": "", "autofocus": begins}
    return {"field": bound, "bare": True, "drawn": bound.as_widget(attrs=attrs)}


@register.inclusion_tag("parts/field.html")
def boxfield(bound: BoundField) -> dict[str, Any]:
    """Return a check box with its words beside it."""
    return {"field": bound, "box": True}


@register.inclusion_tag("parts/field.html")
def choices(bound: BoundField) -> dict[str, Any]:
    """Return a group of boxes under one label."""
    return {"field": bound, "group": True}


@register.inclusion_tag("parts/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """List the errors of a form, with links to the fields."""
    wrong: list[tuple[str, str]] = []
    for name, errors in form.errors.items():
        first = form[name].id_for_label or f"{form[name].auto_id}_0" if name in form.fields else ""
        wrong.extend((first, _summed(form, name, str(error))) for error in errors)
    return {"form": form, "wrong": wrong}


def _summed(form: BaseForm, name: str, error: str) -> str:
    """Return an error as it reads away from its field: one that only says that it is required names the field."""
    if name not in form.fields or error != str(Field.default_error_messages["required"]):
        return error
    return gettext("Fill in: %(field)s.") % {"field": form[name].label}
