"""Keys of the two roles: nobody holds one of each, and no passphrase opens two."""

import pytest

from rejent.kernel.clock import ManualClock
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.records.errors import RoleKeyRefusedError
from rejent.streams.mail.records.role_keys import end_role_key, make_role_key
from tests.unit.recording.sink_bench import START

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "holder", "passphrase", "why"),
    [
        (KeyRole.CONTROL, " SEKRETARZ ", "trzecie", "holds a key of the other role"),
        (KeyRole.CONTROL, "Inspektor", "pierwsze", "opens a key that is there already"),
        (KeyRole.CASE, "Zastępca", "pierwsze", "opens a key that is there already"),
        (KeyRole.CASE, "Zastępca", "dawne", "opens a key that is there already"),
    ],
)
def test_two_keys_have_two_holders_and_two_passphrases(
    role: KeyRole, holder: str, passphrase: str, why: str
) -> None:
    """However the holder is written; an ended key opens what was sealed to it, so its passphrase is not taken again either."""
    clock = ManualClock(START)
    former = make_role_key(KeyRole.CASE, "Sekretarz", "dawne", clock=clock, actor="")
    make_role_key(KeyRole.CASE, "Sekretarz", "pierwsze", clock=clock, actor="")
    end_role_key(former, clock=clock, actor="")
    with pytest.raises(RoleKeyRefusedError, match=why):
        make_role_key(role, holder, passphrase, clock=clock, actor="")
    assert make_role_key(role, "Ktoś inny", "inne", clock=clock, actor="") > former
