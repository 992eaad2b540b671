"""The words that the script of a call's page says, in the reader's language."""

from django.utils.translation import gettext

from rejent.web.words.script_words import player_words


def call_words() -> dict[str, str]:
    """Return the words of a call's page beside or instead of the player's."""
    return player_words() | {
        "failed": gettext("The sound of {time} was not loaded. The recording is on the disk. Try again."),
        "wholeDay": gettext("the whole call"),
        "skipped": gettext("The call did not run at that time."),
        "codec": gettext("This browser cannot play the sound. Use a current one."),
        "ended": gettext("end of the call"),
    }
