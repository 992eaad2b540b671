"""Everything that changes who may see what, and that tells who saw it."""

from rejent.access.services.authorisations import (
    issue_authorisation,
    renew_authorisation,
    revoke_authorisation,
)
from rejent.access.services.live import stop_live, watch_live
from rejent.access.services.protocols import (
    append_note,
    export_protocol,
    finish_protocol,
    save_draft,
    state_position,
)
from rejent.access.services.viewings import close_ended_viewings, close_viewing, note_seen, open_viewing

__all__ = [
    "append_note",
    "close_ended_viewings",
    "close_viewing",
    "export_protocol",
    "finish_protocol",
    "issue_authorisation",
    "note_seen",
    "open_viewing",
    "renew_authorisation",
    "revoke_authorisation",
    "save_draft",
    "state_position",
    "stop_live",
    "watch_live",
]
