"""Everything that changes who may see what, and that says who saw it."""

from rejent.access.services.authorisations import (
    issue_authorisation,
    renew_authorisation,
    revoke_authorisation,
)
from rejent.access.services.live import stop_live, watch_live
from rejent.access.services.presence import answer_second, ask_second, enter_guest, open_agreed
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
    note_presented,
    note_seen,
    open_viewing,
    require_visible,
)
