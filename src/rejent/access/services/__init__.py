"""Everything that changes who may see what, and that tells who saw it."""

from rejent.access.services.authorisations import (
    issue_authorisation,
    renew_authorisation,
    revoke_authorisation,
)
from rejent.access.services.live import stop_live, watch_live
from rejent.access.services.presence import (
    answer_second,
    ask_second,
    enter_guest,
    open_agreed,
)
from rejent.access.services.protocols import (
    append_note,
    export_protocol,
    finish_protocol,
    save_draft,
    state_position,
)
from rejent.access.services.viewings import (
    close_ended_viewings,
    close_viewing,
    demand_visible,
    note_presented,
    note_seen,
    open_viewing,
)

__all__ = [
    "answer_second",
    "append_note",
    "ask_second",
    "close_ended_viewings",
    "close_viewing",
    "demand_visible",
    "enter_guest",
    "export_protocol",
    "finish_protocol",
    "issue_authorisation",
    "note_presented",
    "note_seen",
    "open_agreed",
    "open_viewing",
    "renew_authorisation",
    "revoke_authorisation",
    "save_draft",
    "state_position",
    "stop_live",
    "watch_live",
]
