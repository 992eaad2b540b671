"""Hiding parts of a copy: the editor, which plays it within an open viewing, the plan, and the copy that is derived by it."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from rejent.access import services as access
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.cases.copies import queries, services
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.opening import open_part
from rejent.cases.copies.redaction import PICTURE, axis_length, milliseconds
from rejent.cases.copies.services.redacting import redacting_of, require_derivable
from rejent.cases.copies.stream_parts import COPIES, axis_of, playable_of, shown_of
from rejent.cases.copies.views import CopyView, PartView, State
from rejent.formats.source import BytesSource
from rejent.kernel.errors import NotFoundError
from rejent.web.cases.copies.forms import RedactForm
from rejent.web.cases.copies.words import COPY_STATES, EFFECTS, FILLS, REASONS, SHAPES
from rejent.web.player.viewing import going_on, opened_viewing
from rejent.web.requests.visitor import PersonRequest
from rejent.web.stream_parts import PAGES
from rejent.web.words.wording import span_digits

_EMPTY = {"fill": "solid", "regions": [], "spans": []}


def copy_redact(request: PersonRequest, number: str) -> HttpResponse:
    """Return the editor; keep its plan, and derive a copy by it. A copy that was derived itself is shown there alone."""
    view = queries.copy(number)
    if not view.origin:
        require_derivable(view, request.person, settings.CLOCK)
    form = RedactForm(request.POST or None, initial={"plan": view.plan or _EMPTY})
    if request.method == "POST" and form.is_valid():
        try:
            return _kept(request, view, form)
        except CopyRefusedError as error:
            form.refuse(error)
        except CopyStateError as error:
            messages.error(request, error.sentence(gettext))
            return redirect("copy", number)
    effects = redacting_of(view).effects
    axis = axis_of(view)
    watching = [part.place for part in view.parts if _viewing_of(request, view, part) is not None]
    context = {
        "copy": view,
        "form": form,
        "editable": not view.origin,
        "pictures": bool(effects & PICTURE),
        "parts": _parts(view),
        "length": axis_length(axis),
        "start": int(axis.start.timestamp() * 1000),
        "open": bool(watching),
        "all_open": len(watching) == len(view.parts),
        "wanted": span_digits(view.interval.start, view.interval.end),
        "to_open": PAGES.of(view.source_kind).asked_again(view.item),
        "shapes": SHAPES.items(),
        "reasons": REASONS.items(),
        "effects": [(each.value, words) for each, words in EFFECTS.items() if each in effects],
        "fills": FILLS.items(),
    }
    return render(request, "copies/copy_redact.html", context, status=422 if form.errors else 200)


def _parts(view: CopyView) -> list[dict[str, Any]]:
    """Return when the editor shows each part: as players do, without what stands before it to be decoded."""
    axis, shown = axis_of(view), [(part.place, shown_of(view, part)) for part in view.parts]
    return [
        {
            "place": place,
            "start": round(milliseconds(axis, each.start)),
            "end": round(milliseconds(axis, each.end)),
        }
        for place, each in shown
    ]


def _kept(request: PersonRequest, view: CopyView, form: RedactForm) -> HttpResponse:
    """Keep the plan; where it is asked for, begin the copy that is derived by it."""
    given = form.cleaned_data
    services.save_plan(view.number, given["plan"], person=request.person, clock=settings.CLOCK)
    if request.POST.get("act") != "make":
        messages.success(request, gettext("The plan is kept."))
        return redirect("copy-redact", view.number)
    keeping = settings.KEEPING()
    begun = services.begin_derived(
        view.number, unchanged=given["unchanged"], person=request.person, keeping=keeping
    )
    return made_in_background(request, begun)


def made_in_background(request: PersonRequest, begun: UUID) -> HttpResponse:
    """Have a copy finished that was begun, and lead to it: to its page once it is made, until then to one that says how far it is."""
    settings.BACKGROUND(partial(services.finish_copies, settings.KEEPING(), wait=True))
    return _leading_on(request, queries.under_way(begun))


def _leading_on(request: PersonRequest, view: CopyView) -> HttpResponse:
    if view.state is State.MAKING:
        return redirect("copy-making", view.id)
    if view.state is State.ABANDONED:
        messages.error(request, gettext("Nothing of it opened: no copy was made, and no number was taken."))
        return redirect("copies")
    messages.success(request, gettext("Copy %(number)s is made.") % {"number": view.number})
    return redirect("copy", view.number)


def copy_making(request: PersonRequest, copy_id: UUID) -> HttpResponse:
    """Return how far a copy is; once it is made, its page."""
    view = queries.under_way(copy_id)
    if view.state is not State.MAKING:
        return _leading_on(request, view)
    context = {"copy": view, "percent": view.progress // 10, "state": COPY_STATES[view.state]}
    return render(request, "copies/copy_making.html", context)


def copy_progress(_request: PersonRequest, copy_id: UUID) -> JsonResponse:
    """Answer how far a copy is, for the script of its page."""
    view = queries.under_way(copy_id)
    return JsonResponse({"percent": view.progress // 10, "making": view.state is State.MAKING})


def copy_part(request: PersonRequest, number: str, place: int) -> HttpResponse:
    """Return a recording of a copy in a form that browsers play, within an open viewing of it, as seen before it leaves.

    Raises NotFoundError: the copy has none in that place; AccessRefusedError: the person may not make copies of the source, or the
    recording is restricted; CopyRefusedError: the person has no viewing open that reaches over it.
    """
    view = queries.copy(number)
    part = next((one for one in view.parts if one.place == place), None)
    if part is None:
        raise NotFoundError("There is nothing at this address.")
    watching = _viewing_of(request, view, part)
    if watching is None:
        raise CopyRefusedError(
            "A copy is looked at within an open viewing of the recording.",
            advice="Open the recording for the application first.",
        )
    opened = open_part(part, person=request.person, clock=settings.CLOCK)
    volume.require_room(watching, clock=settings.CLOCK)
    content = BytesSource(opened.read())
    form, made = COPIES.of(view.source_kind).playable, playable_of(view, part, content)
    media_type, body = part.media_type, content.read()
    if form is not None and made is not None:
        media_type, body = form.media_type, made(content)
    seen = part.interval
    access.note_seen(
        watching.id, seen.start, seen.end, "clip", clock=settings.CLOCK, source_id=view.source_id
    )
    return HttpResponse(body, content_type=media_type, headers=_stretching(view, content))


def _stretching(view: CopyView, content: BytesSource) -> dict[str, str]:
    """Return the header with the milliseconds that a content plays, where the editor stretches them onto the time it shows."""
    form = COPIES.of(view.source_kind).redacting
    if form is None or form.media_length is None:
        return {}
    return {"Media-Length": str(round(form.media_length(content) / timedelta(milliseconds=1)))}


def _viewing_of(request: PersonRequest, view: CopyView, part: PartView) -> ViewingView | None:
    """Return the person's open viewing that reaches over what was asked for of a part; None where there is none."""
    return next(_viewings_of(request, view, part), None)


def _viewings_of(request: PersonRequest, view: CopyView, part: PartView) -> Iterator[ViewingView]:
    wanted = part.interval.intersection(view.interval)
    for each in going_on(request):
        same = view.source_id in each.source_ids and each.item == view.item
        reaches = wanted is not None and each.start <= wanted.start + _SEAM and wanted.end - _SEAM <= each.end
        if same and (view.item or reaches):
            opened = opened_viewing(request, each.id)
            if view.source_id in opened.source_ids:
                yield opened


_SEAM = timedelta(seconds=1)
"""Of an open viewing's interval, which is chosen in whole seconds."""
