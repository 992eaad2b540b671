"""Functions the program will never have (R-OPEN-12), recognised wherever a regulation names them."""

import re

from rejent.office.regulation.law import FORBIDDEN_BIOMETRICS, FORBIDDEN_EMOTIONS, FORBIDDEN_SPYING, Rule

_FORBIDDEN: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (
        re.compile(
            r"^faces?$|fac(e|ial)(recogn|detect|match|ident|print)|biometr|voiceprint|(voice|speaker)(recognition|identification)"
        ),
        FORBIDDEN_BIOMETRICS,
    ),
    (re.compile(r"emotion|mood|(performance|productivity)scor|scor(e|ing)"), FORBIDDEN_EMOTIONS),
    (
        re.compile(
            r"keystroke|keylog|clipboard|screen(record|captur|shot)|microphone|hidden|stealth|covert|wiretap"
        ),
        FORBIDDEN_SPYING,
    ),
)
_SEPARATORS = re.compile(r"[-_ .]+")


def forbidden_function(word: str) -> Rule | None:
    """Return the provision against a function that a key or value names, or None."""
    plain = _SEPARATORS.sub("", word.lower())
    for pattern, rule in _FORBIDDEN:
        if pattern.search(plain):
            return rule
    return None
