"""One case: its story in order, and what is to be done now."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.access.rules.decision import Decision
from rejent.cases import queries, rules
from rejent.cases.acts import CHANGES
from rejent.cases.copies.services import find_renewable
from rejent.cases.copies.views import HandOverView
from rejent.cases.kinds import KINDS, Demands, looks_for, rules_of_right
from rejent.cases.services.deciding import deciding_refusal
from rejent.cases.services.notifying import Recipient, recipients_of
from rejent.cases.views import (
    OF_CASES,
    Application,
    CaseView,
    Channel,
    Despite,
    Identity,
    Kind,
    PaperKind,
    State,
)
from rejent.kernel.clock import civil_date, clock_time
from rejent.office import queries as office
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.retention.queries import HoldView
from rejent.web.cases.attachments.pages import is_sealing
from rejent.web.cases.attachments.words import file_lines, removed_lines
from rejent.web.cases.copies.listing import copy_links, next_step
from rejent.web.cases.erasures import erasures_of, office_lines
from rejent.web.cases.recorded import Amount, amount, extent_words, held_sentence, recorded_words
from rejent.web.cases.words import (
    CASE_STATES,
    CHANNELS,
    DESPITE,
    IDENTITIES,
    PAPERS,
    counted_words,
    detail_words,
    field_label,
    filing_words,
    is_for_proceedings,
    kind_title,
    may_still_be_found,
    nothing_held_words,
    refused_words,
    right_words,
)
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.stream_parts import CASE_PANEL, PAGES, CasePanel
from rejent.web.words.acts import Names
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.wording import day_digits, moment_digits


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: its title, when and by whom, what it says, and holds that are links."""

    title: str
    when: str = ""
    lines: tuple[str, ...] = ()
    links: tuple[tuple[str, str, str], ...] = field(default=())
    """Words, address and a second sentence."""


def case(request: PersonRequest, number: str) -> HttpResponse:
    """Return a case."""
    view = queries.case(number)
    standing = _standing(view)
    context = {
        "view": view,
        "title": kind_title(view.application.kind),
        "state": CASE_STATES[view.state],
        "facts": case_facts(view),
        "steps": list(_story(view, Names())),
        "refused": _why_not(request, view),
        "may_decide": _may_decide(request, view),
        "head": office.verified_version(view.version).head,
        "by_interval": PAGES.of(view.application.stream).by_interval,
        "may_place": may(request, "place-hold"),
        "may_erase": is_over(view) and may(request, "decide-case"),
        "may_enter": view.state is State.WAITING and may(request, "enter-case"),
        "may_prolong": _may_decide(request, view) and _is_prolongable(view),
        "papers": [(kind.value, PAPERS[kind]) for kind in papers_of(view)],
        "files": file_lines(request.person, f"case:{view.number}"),
        "removed": removed_lines(f"case:{view.number}"),
        "may_seal": is_sealing() and may(request, "enter-case"),
        "may_attach": view.erased_at is None and may(request, "enter-case"),
        "standing": standing,
        "held": held_sentence(holds_of(view)) if view.holds else "",
        "nothing": bool(standing) and amount(standing).nothing,
        "for_proceedings": is_for_proceedings(view.application.kind),
        "carried_out_elsewhere": _is_carried_out_elsewhere(view),
        "to_tell": _recipients_to_tell(view),
        "unerased": any(one.state == "decided" for one in erasures_of(view)),
        "may_tell": may(request, "enter-case"),
        "restricted": any(hold.restricted for hold in holds_of(view)),
        "next": next_step(view, request.person),
        "renewable": find_renewable(view) if may(request, "renew-copy") else [],
        "panel": _panel(request, view),
        "entry": entry_of(view) if may(request, "see-ledger") else None,
    }
    return render(request, "cases/case.html", context)


def _panel(request: PersonRequest, view: CaseView) -> CasePanel | None:
    stream = view.application.stream
    return next((panel(request, view) for name, panel in CASE_PANEL.items() if name == stream), None)


def papers_of(view: CaseView) -> list[PaperKind]:
    """Return the papers that a case has by now."""
    there = {
        PaperKind.PROLONGATION: view.prolonged is not None,
        PaperKind.DECISION: view.decision is not None,
        PaperKind.NOTICE: bool(recipients_of(view)),
    }
    return [kind for kind in OF_CASES if there.get(kind, True) and view.erased_at is None]


def _may_decide(request: PersonRequest, view: CaseView) -> bool:
    waits = view.state is State.WAITING
    return waits and deciding_refusal(view, request.person, clock=settings.CLOCK) is None


def is_over(view: CaseView) -> bool:
    """Return whether nothing is to be done any more and what the applicant said is still there."""
    return view.state is not State.WAITING and view.erased_at is None and not _standing(view)


def _standing(view: CaseView) -> list[HoldView]:
    return [each for each in retention.holds() if each.number in view.holds or each.case == view.number]


def _is_carried_out_elsewhere(view: CaseView) -> bool:
    """Return whether the decision lets somebody use a right that no recording is held for: the office sees to it by itself."""
    wanted = view.application
    granted = view.state in {State.GRANTED, State.PARTLY}
    return granted and wanted.kind is Kind.RIGHT and not looks_for(wanted.kind, wanted.right)


def _recipients_to_tell(view: CaseView) -> list[HandOverView]:
    return [one.handed for one in recipients_of(view) if one.told_on is None]


def _is_prolongable(view: CaseView) -> bool:
    rule = KINDS[view.application.kind].at_most
    in_time = civil_date(settings.CLOCK.now()) <= view.decide_by
    return rule is not None and view.prolonged is None and view.withdrawn_on is None and in_time


def _why_not(request: PersonRequest, view: CaseView) -> Decision | None:
    """Return the rule that keeps somebody who decides from this case; nothing for those who never decide."""
    if view.state is not State.WAITING or not may(request, "decide-case"):
        return None
    return deciding_refusal(view, request.person, clock=settings.CLOCK)


def case_facts(view: CaseView) -> list[tuple[str, str]]:
    """Return what an application says, label by label."""
    wanted = view.application
    facts = [
        (gettext("Applicant"), wanted.applicant.name),
        (gettext("Address"), wanted.applicant.address),
        (gettext("Telephone or e-mail"), wanted.applicant.contact),
        (gettext("Right"), right_words(wanted.right) if wanted.right else ""),
        (
            gettext("Identity checked by"),
            str(IDENTITIES[Identity(wanted.identity)]) if wanted.identity else "",
        ),
        (gettext("Monitoring"), str(WORDS.of(wanted.stream).name)),
        (gettext("Event"), event_words(view)),
        *((field_label(name), detail_words(name, text)) for name, text in wanted.details.items()),
    ]
    return [(label, words) for label, words in facts if words]


def event_words(view: CaseView) -> str:
    """Return when the event was, as the application says it."""
    wanted = view.application
    if wanted.event_first is None or wanted.event_last is None:
        return ""
    days = day_digits(wanted.event_first)
    if wanted.event_last != wanted.event_first:
        days = f"{days}–{day_digits(wanted.event_last)}"
    hours = hours_words(wanted)
    return f"{days}, {hours}" if hours else days


def hours_words(wanted: Application) -> str:
    """Return the hours that an application states; nothing where it states none."""
    if wanted.about is None or wanted.interval is None:
        return ""
    first = clock_time(wanted.about, seconds=False)
    if wanted.interval.start < wanted.about:
        return gettext("about %(time)s") % {"time": first}
    return f"{first}–{clock_time(wanted.interval.end, seconds=False)}"


def holds_of(view: CaseView) -> list[HoldView]:
    """Return the holds of a case, ended or not."""
    return [retention.hold(number) for number in view.holds]


def hold_line(hold: HoldView) -> str:
    """Return what a hold keeps, and how much of it is recorded."""
    return f"{extent_words(hold)} – {recorded_words(hold)}"


def _story(view: CaseView, names: Names) -> Iterator[Step]:
    yield _filed(view, queries.demands_of(view))
    if KINDS[view.application.kind].recordings:
        yield _held(view, names)
        if lines := tuple(office_lines(view)):
            yield Step(gettext("To be erased"), "", lines)
    yield from _changes(view, names)
    if view.decision is None:
        last = gettext("Last day to decide: %(day)s.") % {"day": day_digits(view.decide_by)}
        yield Step(gettext("Decision"), "", (last, *_counted_from_entry(view)))
    else:
        yield _decided(view, names)
        if view.holds:
            yield _afterwards(view, names)
        if recipients := recipients_of(view):
            yield _recipients(view, recipients, names)
        if links := copy_links(view):
            yield Step(gettext("Copies"), "", (), links)
    if view.erased_at is not None:
        kept = gettext("What the applicant said was erased; the case stays.")
        yield Step(gettext("Erased"), moment_digits(view.erased_at), (kept,))


def _counted_from_entry(view: CaseView) -> Iterator[str]:
    """Yield how the last day to decide was counted, where it is no term of an answer, of which the application tells."""
    if KINDS[view.application.kind].answer_within is None:
        days = {"days": rules.PROVISIONAL_DAYS, "day": day_digits(civil_date(view.entered_at))}
        yield gettext("Counted from the day of entry, %(day)s: %(days)s working days.") % days


def _filed(view: CaseView, demands: Demands) -> Step:
    wanted, deadline = view.application, queries.deadline_of(view)
    lines = [str(CHANNELS[wanted.channel])]
    if view.filed_on != wanted.received_on:
        lines.append(gettext("Posted on %(day)s; that day counts.") % {"day": day_digits(view.filed_on)})
    if deadline is not None:
        lines.append(counted_words(deadline))
    answer = queries.answer_of(view) if deadline is None else None
    if answer is not None:
        lines.append(gettext("The answer: %(counted)s") % {"counted": counted_words(answer)})
    else:
        lines.extend(filing_words(deadline, demands, late=view.late))
    lines.extend(refused_words(demands))
    if demands.written and demands.clause and wanted.channel.value == "oral":
        lines.append(
            gettext("The regulation asks for a written application (%(clause)s).")
            % {"clause": demands.clause}
        )
    when = gettext("received on %(day)s") % {"day": day_digits(wanted.received_on)}
    return Step(gettext("Application"), when, tuple(lines))


def _held(view: CaseView, names: Names) -> Step:
    holds = holds_of(view)
    links = tuple((hold.number, reverse("hold", args=[hold.number]), hold_line(hold)) for hold in holds)
    nothing = not holds or amount(holds) is Amount.NOTHING
    asked = rules_of_right(view.application.right).erases
    lines = [f"{names.source(lost.source_id)}: {lost_words(lost.template, lost.facts)}" for lost in view.lost]
    if not links and not lines and not (asked and erasures_of(view)):
        lines.append(nothing_held_words(view))
    if nothing and not asked and may_still_be_found(view):
        lines.append(
            gettext(
                "Check what the application is about and of what time, and correct it: the program then looks again."
            )
        )
    when = f"{moment_digits(view.entered_at)}, {names.person(view.entered_by)}"
    held = gettext("Nothing to secure") if nothing else gettext("Provisional hold")
    title = gettext("Recordings looked for") if asked else held
    return Step(title, when, tuple(lines), links)


def lost_words(template: str, facts: object) -> str:
    """Return what is gone of a recording, and since when or by which destruction."""
    known = dict(facts) if isinstance(facts, dict) else {}
    for name in {"start", "end"} & known.keys():
        known[name] = moment_digits(datetime.fromisoformat(known[name]))
    if "day" in known:
        known["day"] = day_digits(datetime.fromisoformat(known["day"]).date())
    return gettext(template).format(**known)


def _changes(view: CaseView, names: Names) -> Iterator[Step]:
    for one in queries.corrections_of(view.number) if view.corrections else ():
        lines = [one.reason, *(_former(name, value, names) for name, value in (one.before or {}).items())]
        when = f"{moment_digits(one.at)}, {names.person(one.by)}"
        title = gettext("Correction %(place)s") % {"place": one.place}
        yield Step(title, when, tuple(line for line in lines if line))
    if view.prolonged is not None:
        when = f"{moment_digits(view.prolonged.at)}, {names.person(view.prolonged.by)}"
        until = gettext("The answer comes by %(day)s.") % {"day": day_digits(view.decide_by)}
        yield Step(gettext("Longer term"), when, (until, view.prolonged.reasons))
    if view.withdrawn_on is not None:
        kept = gettext("Whoever decides says what becomes of what is held.")
        yield Step(
            gettext("Withdrawn"), day_digits(view.withdrawn_on), (kept,) if view.decision is None else ()
        )


def _former(name: str, value: str, names: Names) -> str:
    shown = {
        "sources": lambda: ", ".join(names.source(one) for one in value.split()),
        "own": lambda: names.person(value),
        "channel": lambda: str(CHANNELS[Channel(value)]),
        "right": lambda: right_words(value),
        "identity": lambda: str(IDENTITIES[Identity(value)]),
        "start": lambda: moment_digits(datetime.fromisoformat(value)),
        "end": lambda: moment_digits(datetime.fromisoformat(value)),
    }
    days = {"received_on", "posted_on", "event_first", "event_last"}
    text = value and (shown[name]() if name in shown else detail_words(name, value))
    if value and name in days:
        text = day_digits(date.fromisoformat(value))
    return gettext("%(field)s before: %(value)s") % {"field": field_label(name), "value": text or "–"}


def _decided(view: CaseView, names: Names) -> Step:
    decision = view.decision
    if decision is None:
        raise ValueError(view.number)
    who = names.person(decision.by)
    if decision.in_place_of:
        who = gettext("%(name)s, in the head's place") % {"name": who}
    lines = [f"{str(CASE_STATES[view.state][1]).capitalize()}."]
    if decision.basis:
        lines.append(gettext("Grounds: %(clause)s.") % {"clause": decision.basis.rstrip(".")})
    if decision.reasons:
        lines.append(decision.reasons)
    if decision.knowledge is not None:
        lines.append(
            gettext("The office knows that the recording may be evidence.")
            if decision.knowledge
            else gettext("Nothing points to the recording being evidence.")
        )
    if decision.despite:
        ground = DESPITE[Despite(decision.despite)]
        lines.append(gettext("Used although restricted (GDPR art. 18(2)): %(ground)s.") % {"ground": ground})
    return Step(gettext("Decision"), f"{moment_digits(decision.at)}, {who}", tuple(lines))


def _afterwards(view: CaseView, names: Names) -> Step:
    links = []
    for hold in holds_of(view):
        if hold.ended_at is None and hold.restricted:
            more = gettext("held, and nobody opens it; review on %(day)s") % {
                "day": day_digits(hold.review_on)
            }
        elif hold.ended_at is None:
            more = gettext("held until it is lifted; review on %(day)s") % {"day": day_digits(hold.review_on)}
        else:
            facts = {"moment": moment_digits(hold.ended_at), "who": names.person(hold.ended_by)}
            more = gettext("lifted %(moment)s, %(who)s; its ordinary term applies") % facts
        links.append((hold.number, reverse("hold", args=[hold.number]), more))
    return Step(gettext("Holds after the decision"), "", (), tuple(links))


def _recipients(view: CaseView, found: list[Recipient], names: Names) -> Step:
    links = []
    for one in found:
        if one.told_on is None or one.channel is None:
            more = gettext("not told yet")
            way = reverse("case-tell", args=[view.number, one.handed.number])
        else:
            facts = {
                "day": day_digits(one.told_on),
                "how": CHANNELS[one.channel],
                "who": names.person(one.told_by),
            }
            more = gettext("told on %(day)s (%(how)s), entered by %(who)s") % facts
            way = reverse("copy", args=[one.handed.copy])
        links.append(
            (f"{one.handed.number}, {one.handed.copy}: {one.handed.body or one.handed.recipient}", way, more)
        )
    return Step(gettext("Recipients to be told (GDPR art. 19)"), "", (), tuple(links))


def entry_of(view: CaseView) -> int | None:
    """Return the ledger's newest entry about a case itself, not about its papers."""
    found = registers.acts(subject=f"case:{view.number}", names=[act.name for act in CHANGES], limit=1).acts
    return found[0].index if found else None
