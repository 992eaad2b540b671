"""One message of an open viewing: as text, as it looked, and the files attached to it, so that nothing of it runs or calls anything."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, ngettext

from rejent.kernel.errors import NotFoundError
from rejent.streams.mail.messages import reading
from rejent.streams.mail.messages.containers import Preview
from rejent.streams.mail.messages.looking import html_document, picture
from rejent.streams.mail.messages.markup import Words
from rejent.streams.mail.messages.reading import Look
from rejent.streams.mail.messages.rendering import LONGEST_TEXT, attached_part, attachment_of, rendered
from rejent.streams.mail.pages.rows import name_of, row_of
from rejent.streams.mail.pages.viewing import common, of_messages
from rejent.streams.mail.pages.words import PROTECTIONS
from rejent.web.requests.middleware import CONTENT_POLICY
from rejent.web.requests.visitor import PersonRequest, acting

INERT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""Nothing in a message runs, loads or sends anything; only a page of ours frames it, and without our origin."""


def message(request: PersonRequest, viewing_id: UUID, message_id: UUID) -> HttpResponse:
    """Show one message as text, or with ``look=markup`` in the frame in which it is as it looked."""
    opened = of_messages(request, viewing_id)
    look = Look.MARKUP if request.GET.get("look") == Look.MARKUP.value else Look.TEXT
    listed, found = reading.read(opened, name_of(opened, message_id), look, **acting(request))
    whole, shared = rendered(found.content), common(opened)
    context = {
        **shared,
        "row": row_of(listed, shared["journals"]),
        "envelope": (found.sender, found.recipients),
        "message": whole,
        "framed": look is Look.MARKUP,
        "protections": [PROTECTIONS[each] for each in whole.protections],
    }
    answer = render(request, "mail/message.html", context)
    answer["Content-Security-Policy"] = f"{CONTENT_POLICY}; frame-src 'self'"
    return answer


def message_markup(request: PersonRequest, viewing_id: UUID, message_id: UUID) -> HttpResponse:
    """Return one message as it looked, for a sandboxed frame: markup made anew, nothing from elsewhere, no script, no link."""
    opened = of_messages(request, viewing_id)
    _listed, found = reading.read(opened, name_of(opened, message_id), Look.MARKUP, **acting(request))
    words = Words(
        gettext("a picture from elsewhere, not loaded"),
        gettext("a picture that cannot be shown"),
        gettext(
            "The program cannot show this message. Whoever must read it has it in a copy, byte for byte."
        ),
        _not_loaded,
    )
    answer = HttpResponse(
        html_document(found.content, words, get_language() or "pl").body.encode("utf-8", "replace")
    )
    answer["Content-Security-Policy"] = INERT_POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-DNS-Prefetch-Control"] = "off"
    return answer


def _not_loaded(count: int) -> str:
    sentence = ngettext(
        "%(n)s thing that lies elsewhere was not loaded.",
        "%(n)s things that lie elsewhere were not loaded.",
        count,
    )
    return sentence % {"n": count}


def attachment(request: PersonRequest, viewing_id: UUID, message_id: UUID, number: int) -> HttpResponse:
    """Show an attached file: a picture made anew, or text; of any other what is known of it."""
    opened = of_messages(request, viewing_id)
    name = name_of(opened, message_id)
    listed, found = reading.read(opened, name, Look.TEXT, part=number, **acting(request))
    part = attached_part(found.content, number)
    if part is None:
        raise NotFoundError("There is no such file in this message.")
    file, shared = attachment_of(part, number), common(opened)
    context: dict[str, Any] = {**shared, "row": row_of(listed, shared["journals"]), "file": file}
    if file.preview is Preview.PICTURE:
        context["picture"] = picture(part.content())
    elif file.preview is Preview.TEXT:
        text = part.text()
        context |= {"text": text[:LONGEST_TEXT], "partly": len(text) > LONGEST_TEXT}
    return render(request, "mail/attachment.html", context)
