"""The words that the scripts say, in the reader's language; handed to a page as JSON."""

from django.utils.translation import gettext


def player_words() -> dict[str, str]:
    """Return the words of the player and its timeline; the scripts fill ``{places}``."""
    return {
        "play": gettext("Play"),
        "pause": gettext("Pause"),
        "recording": gettext("recording"),
        "nothing": gettext("no recording"),
        "notYet": gettext("not yet recorded"),
        "next": gettext("Go to the next recording: {time}"),
        "previous": gettext("Go to the previous recording: {time}"),
        "loading": gettext("loading…"),
        "failed": gettext("The picture of {time} was not loaded. The recording is on the disk. Try again."),
        "codec": gettext("The browser does not play this recording."),
        "again": gettext("Try again"),
        "stopped": gettext("Playing stopped: {reason}"),
        "over": gettext("the session has ended. Sign in again."),
        "camera": gettext("camera {time}, {offset}"),
        "speed": gettext("speed {speed}×"),
        "backwards": gettext("backwards {speed}×, key pictures"),
        "usual": gettext("usual speed"),
        "from": gettext("from {time}"),
        "range": gettext("{from}–{to}, {length}"),
        "visible": gettext("visible from {from} to {to}"),
        "wholeDay": gettext("the whole day"),
        "edge": gettext("end of the day"),
        "gaps": gettext("{count} gaps"),
        "now": gettext("now"),
        "clockChange": gettext("clocks change"),
        "noTime": gettext("This is no time of day. Write it like 14:05 or 14:05:09."),
        "timeEmpty": gettext("Enter the time. Write it like 14:05 or 14:05:09."),
        "noSuchTime": gettext("A day has no such time. Write it like 14:05 or 14:05:09."),
        "skipped": gettext(
            "That night the clock went from 2:00 to 3:00. Enter a time before 2:00 or from 3:00 on."
        ),
        "notTwice": gettext("On this day no hour ran twice. Leave out the letter a."),
        "twice": gettext("That night the hour from 2 to 3 ran twice. Choose one:"),
        "summer": gettext("summer time"),
        "winter": gettext("winter time"),
        "unanswered": gettext("Nothing answered. Close this and open it again."),
        "wheel": gettext("Ctrl + wheel: zoom"),
    }
