"""Whether an office's own wording of a passage may stand: it holds exactly the placeholders that the program fills."""

from rejent.notices.documents.passages import Passage, placeholders_in
from rejent.notices.errors import WordingRefusedError

LONGEST = 2000


def demand_sound(each: Passage, text: str) -> None:
    """Raise `WordingRefusedError` for a text with an unknown or a missing placeholder, with a stray brace, or too long."""
    if len(text) > LONGEST:
        raise WordingRefusedError(
            "The text is longer than {longest} characters.", part="text", longest=LONGEST
        )
    allowed = each.placeholders
    named = " ".join(f"{{{name}}}" for name in sorted(allowed))
    try:
        held = frozenset(placeholders_in(text))
    except ValueError:
        raise WordingRefusedError(
            "A brace in the text belongs to no placeholder. Allowed: {allowed}.",
            part="text",
            allowed=named or "–",
        ) from None
    if held != allowed:
        wrong = sorted(held - allowed) or sorted(allowed - held)
        template = (
            "The text holds the placeholder {wrong}, which this passage does not have. Allowed: {allowed}."
            if wrong[0] in held
            else "The text lacks the placeholder {wrong}. Needed: {allowed}."
        )
        raise WordingRefusedError(template, part="text", wrong=f"{{{wrong[0]}}}", allowed=named or "–")
