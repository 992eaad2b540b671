"""Speech synthesis by espeak-ng, where that program is installed."""

import re
import subprocess

from rejent.kernel.errors import InputRefusedError, NotFoundError

PROGRAM = "espeak-ng"
WORDS_A_MINUTE = 150
WITHIN_S = 60
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})?")


class NoVoiceError(NotFoundError, code="cli.no-voice"):
    """No speech synthesis on this machine."""


def synthesize_speech(text: str, language: str) -> bytes:
    """Return the text as a WAV.

    Raises NoVoiceError: espeak-ng is not installed; InputRefusedError: it has no such voice, or cannot speak it.
    """
    if not _LANGUAGE.fullmatch(language):
        raise InputRefusedError("This is no language.", advice="Write it as pl or en-gb.")
    if not text.strip():
        raise InputRefusedError(
            "There is no text to speak.", advice="Give what is said, word for word: --text"
        )
    command = [PROGRAM, "-v", language, "-s", str(WORDS_A_MINUTE), "--stdin", "--stdout"]
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=WITHIN_S, check=False
        )
    except FileNotFoundError:
        raise NoVoiceError(
            "The program espeak-ng is not installed, so no text can be spoken.",
            advice="Install it (apt install espeak-ng), or record the announcement and give it with --file.",
        ) from None
    except subprocess.TimeoutExpired:
        raise InputRefusedError("The text takes too long to speak.", advice="Give a shorter one.") from None
    if done.returncode or not done.stdout.startswith(b"RIFF"):
        raise InputRefusedError(
            "espeak-ng cannot speak this.", advice="See the voices it has: espeak-ng --voices"
        )
    return done.stdout
