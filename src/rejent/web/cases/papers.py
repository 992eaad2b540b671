"""Papers of a case: the application on the office's form, the confirmation of its receipt, the decision."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from rejent.cases import queries, services
from rejent.cases.attachments.services import Unsealed
from rejent.cases.kinds import KINDS
from rejent.cases.services.notifying import Recipient, recipients_of
from rejent.cases.views import CaseView, PaperKind, State
from rejent.catalog import queries as catalog
from rejent.documents.papers import FilledForm, Letter, Passage
from rejent.documents.rendering import render_pdf
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.office import queries as office
from rejent.web.cases.application_papers import (
    Fact,
    addressee,
    application_paper,
    case_head,
    lines_of,
    paragraphs_of,
)
from rejent.web.cases.attachments.pages import paper_response
from rejent.web.cases.case_page import (
    event_words,
    hold_line,
    holds_of,
    lost_words,
    papers_of,
)
from rejent.web.cases.copies.words import person_lines
from rejent.web.cases.erasures import erasure_lines
from rejent.web.cases.recorded import HELD, Amount, amount, extent_words
from rejent.web.cases.words import (
    CASE_STATES,
    CHANNELS,
    INSTRUCTIONS,
    PAPERS,
    counted_words,
    describe_day,
    filing_words,
    further_steps,
    is_for_proceedings,
    kind_title,
    nothing_held_words,
    right_words,
)
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.wording import day_digits, day_words, moment_digits


def case_paper(request: PersonRequest, number: str, paper: str) -> HttpResponse:
    """Return a paper of a case; its number and its digest are entered before it leaves or is sealed."""
    view = queries.case(number)
    if paper not in papers_of(view):
        raise NotFoundError("There is nothing at this address.")
    kind = PaperKind(paper)
    made = partial(_file, view, kind)
    language = case_letter(view, kind, "", view.entered_at).letterhead.language
    name, content = services.issue_paper(f"case:{number}", kind, language, made, **acting(request))
    unsealed = Unsealed(f"case:{number}", name, f"{PAPERS[kind]} {name}", content)
    return paper_response(request, unsealed, reverse("case", args=[number]))


def _file(view: CaseView, kind: PaperKind, number: str, made_at: datetime) -> bytes:
    return render_pdf(case_letter(view, kind, number, made_at))


def case_letter(view: CaseView, kind: PaperKind, number: str, made_at: datetime) -> Letter | FilledForm:
    """Return a paper of a case in the reader's language, by the regulation that the case follows; a form of its annex in the annex's."""
    if kind is PaperKind.APPLICATION:
        return _number_paper(application_paper(view), number, made_at)
    make: Mapping[PaperKind, Callable[[CaseView], Letter]] = {
        PaperKind.RECEIPT: _receipt,
        PaperKind.PROLONGATION: _prolongation,
        PaperKind.DECISION: _decision,
        PaperKind.NOTICE: _notice,
    }
    return _number_paper(make[kind](view), number, made_at)


def _number_paper(paper: Letter | FilledForm, number: str, made_at: datetime) -> Letter | FilledForm:
    mark = gettext("Paper %(number)s") % {"number": number}
    head = replace(paper.letterhead, made_at=made_at, marks=(mark, *paper.letterhead.marks))
    return replace(paper, letterhead=head)


def _receipt(view: CaseView) -> Letter:
    wanted, deadline = view.application, queries.deadline_of(view)
    facts: list[Fact] = [
        (gettext("Case"), (view.number,)),
        (gettext("Application"), (kind_title(wanted.kind),)),
        (gettext("Monitoring"), (str(WORDS.of(wanted.stream).name),)),
        *(((gettext("Event"), (event_words(view),)),) if wanted.event_first else ()),
        (gettext("Received on"), (day_digits(wanted.received_on), str(CHANNELS[wanted.channel]))),
    ]
    if view.filed_on != wanted.received_on:
        facts.append((gettext("Counts as filed on"), (day_digits(view.filed_on),)))
    answer = queries.answer_of(view)
    if deadline is None and answer is not None:
        facts.append((gettext("Deadline"), (counted_words(answer),)))
    else:
        counted = [counted_words(deadline)] if deadline else []
        lines = [*counted, *filing_words(deadline, queries.demands_of(view), late=view.late)]
        facts.append((gettext("Deadline"), tuple(lines)))
    head = office.verified_version(view.version).head
    facts.append(_state_outcome(view) or (gettext("Decides"), (_state_decider(view, head),)))
    return Letter(
        letterhead=case_head(view, gettext("Confirmation of receipt %(number)s") % {"number": view.number}),
        dated=day_words(civil_date(view.entered_at)),
        party=addressee(view),
        opening=gettext("The office confirms that it has received the application described here."),
        facts=tuple(facts),
        parts=(Passage(gettext("Recordings"), tuple(_held(view))),) if KINDS[wanted.kind].recordings else (),
        signatures=(gettext("date and signature of who received it"),),
    )


def _state_decider(view: CaseView, head: str) -> str:
    return gettext("%(head)s, by %(day)s") % {"head": head, "day": day_words(view.decide_by)}


def _state_outcome(view: CaseView) -> Fact | None:
    """Return what became of an application that a receipt is printed of later; None while that is still to come."""
    if view.state is State.WAITING:
        return None
    word = str(CASE_STATES[view.state][1])
    if view.decision is None:
        return gettext("Outcome"), (word,)
    who = ", ".join(person_lines(view.decision.by))
    return gettext("Decision"), (word, f"{moment_digits(view.decision.at)}, {who}")


def _held(view: CaseView) -> Iterator[str]:
    """Yield what is held until the decision, and of each source how much is recorded where that is not all; once decided, what followed."""
    if view.decision is not None:
        yield from _what_follows(view)
        return
    if not view.holds:
        yield nothing_held_words(view)
        return
    holds = holds_of(view)
    there = amount(holds)
    yield str(HELD[there])
    if there in {Amount.PART, Amount.PART_YET}:
        yield from (hold_line(hold) for hold in holds)


def _prolongation(view: CaseView) -> Letter:
    wanted, prolonged, answer = view.application, view.prolonged, queries.answer_of(view)
    if prolonged is None or answer is None:
        raise ValueError(view.number)
    regulation = office.verified_version(view.version)
    opening = gettext("The answer to the application %(dated)s cannot be given within a month.")
    title = gettext("Longer term for the answer %(number)s") % {"number": view.number}
    return Letter(
        letterhead=case_head(view, title),
        dated=day_words(civil_date(prolonged.at)),
        party=addressee(view),
        opening=opening % {"dated": describe_day(wanted)},
        facts=(
            (gettext("Case"), (view.number,)),
            (gettext("Application"), (kind_title(wanted.kind),)),
            *(((gettext("Right"), (right_words(wanted.right),)),) if wanted.right else ()),
            (gettext("The answer comes by"), (day_words(answer.last_day), counted_words(answer))),
            (gettext("Legal basis"), (KINDS[wanted.kind].grounds,)),
        ),
        parts=(
            Passage(gettext("Reasons"), paragraphs_of(prolonged.reasons)),
            Passage(gettext("Further steps"), tuple(map(str, INSTRUCTIONS.get(wanted.kind, ())))),
        ),
        signatures=(gettext("date and signature: %(head)s") % {"head": regulation.head},),
    )


def _decision(view: CaseView) -> Letter:
    wanted, decision = view.application, view.decision
    if decision is None:
        raise ValueError(view.number)
    regulation = office.verified_version(view.version)
    place = (gettext("in the place of: %(head)s") % {"head": regulation.head},)
    opening = gettext("%(controller)s decides on the application %(dated)s as follows.")
    facts: list[Fact] = [
        (gettext("Case"), (view.number,)),
        (gettext("Application"), (kind_title(wanted.kind),)),
        (gettext("Decision"), (str(CASE_STATES[view.state][1]),)),
        *(((gettext("Legal basis"), lines_of(decision.basis)),) if decision.basis else ()),
        (gettext("Decided by"), (*person_lines(decision.by), *(place if decision.in_place_of else ()))),
        (gettext("Decided on"), (moment_digits(decision.at),)),
    ]
    parts = []
    if decision.reasons:
        parts.append(Passage(gettext("Reasons"), paragraphs_of(decision.reasons)))
    if KINDS[wanted.kind].recordings:
        parts.append(Passage(gettext("Recordings"), tuple(_what_follows(view))))
    if steps := tuple(further_steps(view)):
        parts.append(Passage(gettext("What follows"), steps))
    return Letter(
        letterhead=case_head(view, gettext("Decision on application %(number)s") % {"number": view.number}),
        dated=day_words(civil_date(decision.at)),
        party=addressee(view),
        opening=opening % {"controller": regulation.controller, "dated": describe_day(wanted)},
        facts=tuple(facts),
        parts=tuple(parts),
        signatures=(gettext("date and signature: %(head)s") % {"head": regulation.head},),
    )


def _notice(view: CaseView) -> Letter:
    """Return what the recipients are told: which copies, which right, what became of the recording; no name of who asked."""
    wanted, decision, found = view.application, view.decision, recipients_of(view)
    if decision is None or not found:
        raise ValueError(view.number)
    regulation = office.verified_version(view.version)
    opening = gettext(
        "%(controller)s informs those to whom the recording was handed over of the decision of %(day)s."
    )
    lines = ("; ".join((one.handed.number, one.handed.copy, _body(one), _notice_words(one))) for one in found)
    return Letter(
        letterhead=case_head(view, gettext("Notice to recipients %(number)s") % {"number": view.number}),
        dated=day_words(civil_date(decision.at)),
        party=tuple(dict.fromkeys(_body(one) for one in found)),
        opening=opening % {"controller": regulation.controller, "day": day_digits(civil_date(decision.at))},
        facts=(
            (gettext("Case"), (view.number,)),
            (gettext("Right"), (right_words(wanted.right),)),
            (gettext("Legal basis"), (gettext("GDPR art. 19"),)),
            (gettext("Recording"), tuple(f"{one.handed.copy}" for one in found)),
        ),
        parts=(
            Passage(gettext("What became of the recording"), tuple(_what_follows(view))),
            Passage(
                gettext("What is asked of the recipient"),
                (
                    gettext(
                        "Do the same with the copy that was handed over, unless the law lets you keep it, and say what was done."
                    ),
                ),
            ),
            Passage(gettext("Recipients, and when they were told"), tuple(lines)),
        ),
        signatures=(gettext("date and signature: %(head)s") % {"head": regulation.head},),
    )


def _body(one: Recipient) -> str:
    """Return whom the letter calls a recipient; a person recorded stays without a name in a letter that others get."""
    return one.handed.body or gettext("the person recorded")


def _notice_words(one: Recipient) -> str:
    if one.told_on is None or one.channel is None:
        return gettext("not told yet")
    return f"{day_digits(one.told_on)}, {CHANNELS[one.channel]}"


def _what_follows(view: CaseView) -> Iterator[str]:
    """Yield what the decision did to each hold; later ends of holds are no part of it."""
    decision = view.decision
    kept = [hold for hold in holds_of(view) if decision is None or hold.ended_at != decision.at]
    if kept and (there := amount(kept)).nothing:
        yield str(HELD[there])
        yield from (f"{hold.number}: {extent_words(hold)}" for hold in kept)
    elif kept:
        restricted = any(hold.restricted for hold in kept)
        if restricted:
            yield gettext("Kept, and opened by nobody until the restriction ends:")
        elif is_for_proceedings(view.application.kind):
            yield gettext("Kept until the proceedings are finally concluded:")
        else:
            yield gettext("Kept until the hold is lifted:")
        yield from (f"{hold.number}: {hold_line(hold)}" for hold in kept)
    if len(kept) < len(view.holds):
        yield gettext("What is not kept follows its ordinary term.")
    erased = list(erasure_lines(view))
    yield from erased
    for one in view.lost:
        yield f"{catalog.source(one.source_id).name}: {lost_words(one.template, one.facts)}"
    if not view.holds and not erased and not view.lost:
        yield nothing_held_words(view)
    if decision is not None and decision.knowledge and view.state is State.REFUSED:
        yield gettext("It is kept since it may be evidence in proceedings.")
