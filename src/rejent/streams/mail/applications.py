"""What an application is about, the stated time of the chosen journals; a copy keeps messages sealed to the two roles, or those that a viewing chose in the clear."""

from html import escape

from rejent.cases.candidates import by_time
from rejent.cases.copies.stream_parts import CopyForm, PlayableForm
from rejent.formats.source import Source
from rejent.streams.mail.messages.framing import MAGIC, MEDIA_TYPE
from rejent.streams.mail.messages.rendering import shown
from rejent.streams.mail.records.acts import MESSAGE_COPIED

FINDER = by_time
MESSAGE, PAGE = "message/rfc822", "text/html"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;border-top:1px solid;padding-top:1rem}"


def _is_sealed(head: bytes) -> bool:
    return head.startswith(MAGIC)


def _page(content: Source) -> bytes:
    """Return a page that shows a message as text: it has no script, and names nothing that lies elsewhere."""
    message = shown(content.read())
    headers = message.headers
    fields = (
        ("Od / From", headers.sender),
        ("Do / To", headers.receivers),
        ("Temat / Subject", headers.subject),
        ("Data / Date", headers.dated),
        *(
            ("Załącznik / Attached", f"{each.name} ({each.kind}, {each.size} B)")
            for each in message.attachments
        ),
        *(
            [("Uwaga / Note", "Treść pokazano w części. The text is shown in part.")]
            if message.partly
            else []
        ),
    )
    facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(words)}</dd>" for label, words in fields)
    return (
        f'<!doctype html><html lang="pl"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(headers.subject) or '–'}</title><style>{_STYLE}</style></head>"
        f'<body><dl>{facts}</dl><pre dir="auto">{escape(message.text)}</pre></body></html>'
    ).encode("utf-8", "replace")


COPIES = CopyForm(
    media_type=lambda head: MEDIA_TYPE if _is_sealed(head) else MESSAGE,
    acts=(MESSAGE_COPIED.name,),
    playable=PlayableForm(lambda content: not _is_sealed(content.read(0, len(MAGIC))), PAGE, _page),
)
