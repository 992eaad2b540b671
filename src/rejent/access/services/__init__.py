"""Everything that changes who may see what, and that tells who saw it."""

from rejent.access.services.authorisations import issue_authorisation, revoke_authorisation
from rejent.access.services.live import stop_live, watch_live
from rejent.access.services.viewings import close_ended_viewings, close_viewing, note_seen, open_viewing

__all__ = [
    "close_ended_viewings",
    "close_viewing",
    "issue_authorisation",
    "note_seen",
    "open_viewing",
    "revoke_authorisation",
    "stop_live",
    "watch_live",
]
