"""What an application is about: the stated time of the chosen journals.

A copy keeps messages sealed to the two roles, or those that a viewing chose in the clear.
"""

from collections.abc import Iterable
from html import escape

from rejent.cases.copies.stream_parts import CopyForm, PlayableForm
from rejent.cases.stream_parts import by_time
from rejent.formats.records import MAGIC
from rejent.formats.source import Source
from rejent.streams.mail.messages.framing import MEDIA_TYPE
from rejent.streams.mail.messages.rendering import MessageHeaders, RenderedMessage, rendered
from rejent.streams.mail.records.acts import MESSAGE_COPIED

FINDER = by_time
MESSAGE, PAGE = "message/rfc822", "text/html"
LIST_TYPE = "text/plain"
LIST_TITLE = "Koperty wiadomości i sole wpisów / Envelopes of the messages and salts of the entries"
"""Type, and first line, of the list that a copy of chosen messages ends with."""
_LIST = LIST_TITLE.encode()
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;border-top:1px solid;padding-top:1rem}"


def _is_sealed(head: bytes) -> bool:
    return head.startswith(MAGIC)


def _needs_page(content: Source) -> bool:
    """Return whether browsers cannot show a content: a message in the clear; the list of envelopes is plain text."""
    head = content.read(0, len(_LIST))
    return not _is_sealed(head) and head != _LIST


def _of_head(headers: MessageHeaders) -> tuple[tuple[str, str], ...]:
    return (
        ("Od / From", headers.sender),
        ("Do / To", headers.receivers),
        ("Temat / Subject", headers.subject),
        ("Data / Date", headers.dated),
    )


def _fields(fields: Iterable[tuple[str, str]]) -> str:
    entries = "".join(f"<dt>{escape(label)}</dt><dd>{escape(words)}</dd>" for label, words in fields)
    return f"<dl>{entries}</dl>"


def _text(text: str) -> str:
    return f'<pre dir="auto">{escape(text)}</pre>'


def _note(message: RenderedMessage) -> list[tuple[str, str]]:
    if message.failed:
        return [("Uwaga / Note", "Program nie potrafi pokazać tej wiadomości; cała jest w pliku obok. The program cannot show this message; it is whole in the file beside.")]  # fmt: skip
    return [("Uwaga / Note", "Treść pokazano w części. The text is shown in part.")] if message.partly else []


def _page(content: Source) -> bytes:
    """Return a page that shows a message as text: it has no script, and names nothing that lies elsewhere."""
    message = rendered(content.read())
    headers = message.headers
    within = "".join(
        _fields((*_of_head(each.headers), *([("Plik / File", each.name)] if each.name else [])))
        + _text(each.text)
        for each in message.within
    )
    fields = (
        *_of_head(headers),
        *(
            ("Załącznik / Attached", f"{each.name} ({each.kind}, {each.size} B, SHA-256 {each.sha256})")
            for each in message.attachments
        ),
        *_note(message),
    )
    return (
        f'<!doctype html><html lang="pl"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(headers.subject) or '–'}</title><style>{_STYLE}</style></head>"
        f"<body>{_fields(fields)}{_text(message.text)}{within}</body></html>"
    ).encode("utf-8", "replace")


COPIES = CopyForm(
    media_type=lambda head: MEDIA_TYPE if _is_sealed(head) else MESSAGE,
    acts=(MESSAGE_COPIED.name,),
    playable=PlayableForm(_needs_page, PAGE, _page),
)
