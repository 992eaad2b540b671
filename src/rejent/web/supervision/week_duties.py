"""Sections of the week's report besides viewing: reviews, destruction, authorisations, holds, alarms, the ledger."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.access import authorisation_queries
from rejent.access.supervision import queries as supervision
from rejent.access.supervision import reviews
from rejent.access.supervision.reviews import SampledView
from rejent.access.supervision.samples import Outcome
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.office.acts import IDENTITY_LINKED, PASSWORD_SET, SIGN_IN_CONFIRMED, TOKEN_CREATED
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.registers import queries as registers
from rejent.registers.signing import states
from rejent.retention import queries as retention
from rejent.retention.acts import HOLD_REVIEWED
from rejent.retention.queries import destroyed_within
from rejent.web.stream_parts import MOST_LINES, PAGES, Reading, ReportLine, Section, section
from rejent.web.words import wording
from rejent.web.words.act_names import noun_of
from rejent.web.words.identifiers import in_words
from rejent.web.words.recordings import item_of

DUE_WITHIN_DAYS = 7
HOLD_REVIEWS_WITHIN = timedelta(days=14)
_SET_UP = (PASSWORD_SET.name, IDENTITY_LINKED.name, SIGN_IN_CONFIRMED.name, TOKEN_CREATED.name)
"""Whoever does one of these for somebody else could act in their name, or says that nobody can."""
UNREVIEWED_FOR = timedelta(days=30)
"""The age of a hold at which the report says that nobody has reviewed it."""


def outcome_state(found: SampledView) -> tuple[str, str]:
    """Return the outcome of the reviews, as a state."""
    match found.outcome:
        case Outcome.IN_ORDER:
            return "recording", gettext("in order")
        case Outcome.QUESTION:
            return "attention", gettext("question open")
        case Outcome.BREACH_SUSPECTED:
            return "stopped", gettext("breach suspected")
    return "attention", gettext("not reviewed yet")


def duties(reading: Reading) -> list[Section]:
    """Return every section, in the order of reading."""
    return [
        section(
            "reviews",
            gettext("Viewings drawn for review"),
            _reviews(reading),
            gettext("No viewing waits for a review, and none of this week was drawn."),
        ),
        section(
            "due",
            gettext("Due for destruction within seven days"),
            _due(),
            gettext("No term ends within seven days."),
        ),
        *(one for _, pages in PAGES.items() for one in pages.report(reading)),
        section(
            "destroyed",
            gettext("Destroyed in this week"),
            _destroyed(reading),
            gettext("Nothing was destroyed in this week."),
        ),
        section(
            "authorisations",
            gettext("Authorisations that are ending or were never used"),
            _authorisations(reading),
            gettext("No authorisation ends within thirty days; each one was used."),
        ),
        section(
            "accounts",
            gettext("Ways of signing in that somebody else set up, and whose they are"),
            _accounts(reading),
            gettext("Nobody set up in this week how somebody else signs in, and no confirmation is missing."),
        ),
        section(
            "holds", gettext("Holds to be reviewed"), _holds(reading), gettext("No hold waits for a review.")
        ),
        section("alarms", gettext("Alarms that are on"), _alarms(), gettext("No alarm is on.")),
        section("ledger", gettext("The register of actions"), _ledger(), ""),
    ]


def _reviews(reading: Reading) -> Iterator[ReportLine]:
    sample = reviews.sample(reading.week)
    of_week = list(sample.viewings) if sample else []
    waiting = reviews.waiting_reviews(MOST_LINES)
    older = [one for one in waiting if one.week != reading.week]
    for one in (*older, *of_week):
        if one.viewing is None:
            words = gettext("The viewing is missing from the database.")
        else:
            words = gettext("%(person)s, %(source)s, %(moment)s. Case: %(case)s.") % {
                "person": reading.names.person(str(one.viewing.person_id)),
                "source": ", ".join(map(reading.named, one.viewing.source_ids)),
                "moment": wording.moment_digits(one.viewing.opened_at),
                "case": one.viewing.case,
            }
        days = max(0, (reading.now - one.drawn_at).days)
        if one.waits and days:
            age = ngettext("Waits %(n)s day.", "Waits %(n)s days.", days) % {"n": days}
            words = f"{words} {age}"
        yield ReportLine(one.number, words, reverse("review", args=[one.number]), outcome_state(one))


def _due() -> Iterator[ReportLine]:
    now = settings.CLOCK.now()
    for item in retention.overdue(clock=settings.CLOCK):
        words = gettext("Recorded on %(day)s. It should have been destroyed before.") % {
            "day": wording.day_digits(item.day)
        }
        yield ReportLine(item.source_name, words, reverse("due"), ("stopped", gettext("overdue")))
    until = local_midnight(civil_date(now) + timedelta(days=DUE_WITHIN_DAYS + 1))
    ahead = [item for item in retention.due(until, clock=settings.CLOCK) if item.term.purge_opens > now]
    ordered = sorted(ahead, key=lambda item: (item.term.last_usable_day, item.day))
    for (last, day), items in groupby(ordered, key=lambda item: (item.term.last_usable_day, item.day)):
        found = list(items)
        counted = ngettext("%(n)s source, %(size)s.", "%(n)s sources, %(size)s.", len(found))
        numbers = {"n": len(found), "size": wording.size_words(sum(item.bytes for item in found))}
        recorded = gettext("Recorded on %(day)s.") % {"day": wording.day_digits(day)}
        held = sum(1 for item in found if item.held_parts)
        kept = ngettext("%(n)s of them held in part.", "%(n)s of them held in part.", held) % {"n": held}
        words = f"{recorded} {counted % numbers}" + (f" {kept}" if held else "")
        yield ReportLine(
            gettext("through %(day)s, until midnight") % {"day": wording.day_digits(last)},
            words,
            f"{reverse('due')}?until={last.isoformat()}",
        )


def _destroyed(reading: Reading) -> Iterator[ReportLine]:
    for one in destroyed_within(reading.span):
        counted = ngettext(
            "%(n)s day of recordings, %(size)s.", "%(n)s days of recordings, %(size)s.", one.days
        )
        numbers = {"n": wording.number(one.days), "size": wording.size_words(one.bytes)}
        kept = ngettext(
            "%(n)s part of the recordings kept by holds.",
            "%(n)s parts of the recordings kept by holds.",
            one.survivors,
        )
        words = counted % numbers + (
            f" {kept % {'n': wording.number(one.survivors)}}" if one.survivors else ""
        )
        yield ReportLine(reading.placed(one.source_id), words, reverse("destructions"))


def _authorisations(reading: Reading) -> Iterator[ReportLine]:
    today = civil_date(reading.now)
    for held in authorisation_queries.ending(clock=settings.CLOCK):
        person = reading.names.person(str(held.person_id))
        if held.valid_until is not None:
            left = wording.days_left((held.valid_until - today).days)
            words = f"{person}. " + gettext("Valid until %(day)s: %(left)s.") % {
                "day": wording.day_digits(held.valid_until),
                "left": left,
            }
            yield ReportLine(held.number, words, reverse("authorisations"), ("attention", gettext("ending")))
    for one in supervision.unused_authorisations(today):
        person = reading.names.person(str(one.person_id))
        words = f"{person}. " + gettext("Issued on %(day)s; it was never used.") % {
            "day": wording.day_digits(civil_date(one.issued_at))
        }
        yield ReportLine(one.number, words, reverse("authorisations"), ("neutral", gettext("never used")))


def _accounts(reading: Reading) -> Iterator[ReportLine]:
    """Yield the accounts that wait for confirmation, then who set up or confirmed others' sign-ins this week."""
    held = {one.person_id for one in authorisation_queries.authorisations(valid_at=reading.now)}
    for one in office.people():
        if one.sign_in is not SignIn.CONFIRMED and one.id in held:
            words = in_words("sign_in", one.sign_in) or one.sign_in
            address = reverse("person", args=[one.id])
            yield ReportLine(
                one.name,
                f"{words[0].upper()}{words[1:]}.",
                address,
                ("attention", gettext("authorisations suspended")),
            )
    for act in _set_up(reading):
        done = gettext("%(act)s, by: %(who)s.") % {
            "act": noun_of(act.act),
            "who": reading.names.person(act.actor),
        }
        person = reading.names.person(act.subject.removeprefix("person:"))
        yield ReportLine(
            wording.moment_digits(act.at), f"{person}. {done}", reverse("entry", args=[act.index])
        )


def _set_up(reading: Reading) -> Iterator[registers.EnteredAct]:
    span, before = reading.span, None
    while True:
        page = registers.acts(
            names=_SET_UP, since=span.start, until=span.end, before=before, limit=MOST_LINES
        )
        yield from (act for act in page.acts if act.subject != f"person:{act.actor}")
        before = page.before
        if before is None:
            return


def _holds(reading: Reading) -> Iterator[ReportLine]:
    today = civil_date(reading.now)
    standing = retention.holds(active=True)
    reviewed = {str((act.facts or {}).get("number")) for act in registers.entered([HOLD_REVIEWED.name])}
    for one in sorted(standing, key=lambda hold: hold.review_on):
        state = None
        if one.review_on < today:
            state = ("stopped", gettext("review overdue"))
        elif one.review_on <= today + HOLD_REVIEWS_WITHIN:
            state = ("attention", gettext("review due"))
        elif one.number not in reviewed and reading.now - one.placed_at > UNREVIEWED_FOR:
            state = ("neutral", gettext("never reviewed"))
        if state is not None:
            words = gettext("%(source)s, case %(case)s, %(length)s. Review on %(day)s.") % {
                **_held(reading, one),
                "case": one.case,
                "day": wording.day_digits(one.review_on),
            }
            yield ReportLine(one.number, words, reverse("hold", args=[one.number]), state)


def _held(reading: Reading, one: retention.HoldView) -> dict[str, str]:
    named, item = reading.named(one.source_id), item_of(one.source_id, one.item)
    if item is None:
        return {"source": named, "length": wording.lasting(one.interval)}
    length = gettext("goes on") if item.length_s is None else wording.duration_words(item.length_s)
    return {"source": item.named(named), "length": length}


def _alarms() -> Iterator[ReportLine]:
    pages = {kind: route for _, kind_pages in PAGES.items() for kind, (route, _) in kind_pages.alarms.items()}
    for one in retention.alarms():
        words = gettext("Since %(moment)s.") % {"moment": wording.moment_digits(one.raised_at)}
        subject = in_words("kind", one.kind) or one.kind
        title = f"{subject} {one.subject}".strip()
        page = reverse(pages[one.kind]) if one.kind in pages else ""
        yield ReportLine(title[0].upper() + title[1:], words, page, ("stopped", gettext("alarm")))


def _ledger() -> Iterator[ReportLine]:
    head, signed = registers.tree_head(), states.newest_signed()
    entries = ngettext("%(n)s entry.", "%(n)s entries.", head.size) % {"n": wording.number(head.size)}
    yield ReportLine(gettext("Entries"), entries, reverse("ledger"))
    if signed is None:
        yield ReportLine(
            gettext("Signed state"), gettext("None yet."), "", ("attention", gettext("not signed"))
        )
        return
    words = gettext("%(size)s entries signed on %(moment)s.") % {
        "size": wording.number(signed.size),
        "moment": wording.moment_digits(signed.at),
    }
    yield ReportLine(gettext("Signed state"), words, reverse("promises"), ("recording", gettext("signed")))
    yield _witness()


def _witness() -> ReportLine:
    name = gettext("Witness")
    try:
        size = states.witnessed(settings.LEDGER)
    except (OSError, RejentError):
        return ReportLine(
            name, gettext("What it keeps cannot be read."), "", ("stopped", gettext("not confirmed"))
        )
    if settings.LEDGER.witness is None:
        return ReportLine(name, gettext("None is set up."), "", ("neutral", gettext("not confirmed")))
    if size is None:
        return ReportLine(
            name, gettext("It keeps no state yet."), "", ("attention", gettext("not confirmed"))
        )
    words = gettext("It keeps the state of %(size)s entries.") % {"size": wording.number(size)}
    return ReportLine(name, words, "", ("recording", gettext("confirmed")))
