"""The words that the script of the live wall says, in the reader's language."""

from django.utils.translation import gettext


def wall_words() -> dict[str, str]:
    """Return the words of the live wall."""
    return {
        "recording": gettext("records"),
        "notRecording": gettext("not recording since {time}"),
        "old": gettext("picture {age} s old"),
        "none": gettext("no picture since {time}"),
        "waiting": gettext("waiting for the picture"),
        "same": gettext("the camera sends the same picture over and over"),
        "codec": gettext("the browser does not play this coding"),
        "lost": gettext(
            "The connection to the program was lost at {time}. Recording goes on. Connecting again."
        ),
        "refused": gettext(
            "The right to these pictures has ended. Sign in again or ask for an authorisation."
        ),
        "attention": gettext("({count}) needs attention"),
        "title": gettext("Live picture"),
    }
