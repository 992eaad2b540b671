"""Words of the pages of cameras, and names of cameras' identifiers, in the reader's language."""

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.streams.cameras.errors import CameraCause
from rejent.web.words.stream_parts import StreamWords


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


WORDS = StreamWords(
    name=_("cameras"),
    nouns={"source.trial-picture": _("Trial picture of a camera shown")},
    fact_names={
        "camera": pgettext_lazy("fact of a record", "camera"),
        "transport": pgettext_lazy("fact of a record", "transport"),
    },
    several={
        "changed": {
            "live_address": _("address of the smaller stream"),
            "transport": _("transport"),
            "fingerprint": _("fingerprint of the certificate"),
            "authority": _("authority of the certificate"),
        }
    },
    causes={
        CameraCause.UNREACHABLE: (
            _("no network connection to the camera"),
            _("Check that it is switched on and connected."),
        ),
        CameraCause.UNTRUSTED: (
            _("the camera's certificate is not trusted"),
            _("Compare the fingerprint it shows with the one in the camera's own pages, then enter it here."),
        ),
        CameraCause.REFUSED_PASSWORD: (
            _("the camera refuses the password"),
            _("Enter the user and password set in the camera."),
        ),
        CameraCause.WEAKER_LOGIN: (
            _("the camera suddenly asks for the password in the clear"),
            _("Check that it is your camera that answers, and switch Digest on in it."),
        ),
        CameraCause.NOT_A_CAMERA: (
            _("no camera answers at this address"),
            _("Check the address of the camera."),
        ),
        CameraCause.REDIRECTED: (
            _("the camera redirects in a circle"),
            _("Enter the address at which the camera itself can be read."),
        ),
        CameraCause.NO_VIDEO: (_("the camera offers no picture"), _("Choose another stream of the camera.")),
        CameraCause.UNSUPPORTED_CODEC: (
            _("the camera's coding is not supported"),
            _("Set H.264 or H.265 in the camera."),
        ),
        CameraCause.NO_KEY_FRAME: (
            _("pictures arrive, but none to start with"),
            _("Shorten the key frame interval in the camera."),
        ),
        CameraCause.GARBAGE: (_("what arrives cannot be read"), _("Restart the camera; check its cable.")),
        CameraCause.STALLED: (_("no signal from the camera"), _("Restart the camera; check its cable.")),
        CameraCause.CLOSED: (
            _("the camera ended the connection"),
            _("Check how many connections the camera allows."),
        ),
        CameraCause.PACKETS_LOST: (_("data lost on the way"), _("Check the network; choose TCP.")),
        CameraCause.CAMERA_CLOCK: (
            _("the camera's picture times jumped"),
            _("Recording goes on by itself. If it repeats, restart the camera."),
        ),
        CameraCause.OFF_PACE: (
            _("pictures came at another pace than their times say"),
            _(
                "Recording goes on by itself. If it repeats, check the load of the camera, of the network and of this machine."
            ),
        ),
    },
)
