"""A message as it looked, as one document for a browser that is let do nothing.

Its pictures are decoded and made anew in a child process.
"""

import binascii
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from urllib.parse import unquote, unquote_to_bytes

import structlog

from rejent.content.photos import small_photo
from rejent.kernel.errors import RejentError
from rejent.streams.mail.messages.containers import Preview, preview_of, type_of
from rejent.streams.mail.messages.markup import SanitisedMarkup, Words, sanitised
from rejent.streams.mail.messages.parts import Part
from rejent.streams.mail.messages.rendering import markup_of

log = structlog.get_logger(__name__)
LARGEST_PICTURE = 8 << 20
_STYLE = (
    "body{margin:1rem;font:1rem/1.4 sans-serif;color:#000;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}"
    ".link{text-decoration:underline}.address{font:.8rem monospace;color:#333;background:#eee}"
    ".left-out{display:inline-block;border:1px dashed #555;padding:0 .3rem;font:.8rem sans-serif;color:#333;background:#f4f4f4}"
)


def html_document(content: bytes, words: Words, language: str) -> SanitisedMarkup:
    """Return how the HTML of a message looked, as a whole document."""
    try:
        markup, named = markup_of(content)
        made = sanitised(markup, lambda address: _picture(address, named), words)
    except Exception as fault:  # noqa: BLE001 - what strangers write may provoke any
        log.warning("mail.message-not-shown", fault=type(fault).__name__)
        made = SanitisedMarkup(f'<p class="left-out">{escape(words.failed)}</p>')
    notice = f'<p class="left-out">{escape(words.counted(made.elsewhere))}</p>' if made.elsewhere else ""
    made.body = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>–</title>'
        f"<style>{_STYLE}</style></head><body>{notice}{made.body}</body></html>"
    )
    return made


def picture(content: bytes) -> str:
    """Return a picture, decoded and made anew, as an address of ``data:``; empty where it is none that can be decoded."""
    found = type_of(content)
    if found is None or preview_of(found) is not Preview.PICTURE or len(content) > LARGEST_PICTURE:
        return ""
    try:
        made = small_photo(content, found.media_type)
    except RejentError:
        return ""
    return f"data:image/jpeg;base64,{b64encode(made).decode('ascii')}"


def _picture(address: str, named: Mapping[str, Part]) -> str:
    scheme, _, rest = address.partition(":")
    if scheme.lower() == "cid":
        part = named.get(unquote(rest))
        return picture(part.content()) if part is not None else ""
    stated, _, coded = rest.partition(",")
    if not stated.lower().endswith(";base64"):
        return ""
    try:
        return picture(binascii.a2b_base64(unquote_to_bytes(coded)))
    except binascii.Error:
        return ""
