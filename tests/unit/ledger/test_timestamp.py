"""Time stamps from an authority made with the openssl program."""

import shutil

import pytest

from rejent.ledger.errors import TimestampInvalidError, TimestampUnavailableError
from rejent.ledger.signed.timestamp import request_stamp, stamp_covers, stamped_at, verify_stamp
from tests.authority import made, openssl, running

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl program is not installed"
)
DATA = b"office\n5\nroot\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The authority's folder."""
    return tmp_path_factory.mktemp("authority")


@pytest.fixture(scope="module")
def root(folder):
    """The authority's root certificate, made with the rest of it."""
    return made(folder)


@pytest.fixture(scope="module")
def authority(folder, root):  # noqa: ARG001 - the certificates must stand before the desk opens
    """The running authority's address."""
    with running(folder) as address:
        yield address


def test_stamp_is_got_and_verified(authority, root):
    """The authority's stamp verifies under its root and names the instant."""
    token = request_stamp(authority + "/", DATA)
    assert verify_stamp(token, DATA, [root]) == stamped_at(token)
    assert stamp_covers(token, DATA)


def test_openssl_verifies_what_is_kept(authority, folder, tmp_path):
    """What is stored is the raw response, so another program can judge it."""
    (tmp_path / "reply").write_bytes(request_stamp(authority + "/", DATA))
    (tmp_path / "data").write_bytes(DATA)
    said = openssl(
        tmp_path, "ts", "-verify", "-data", "data", "-in", "reply", "-CAfile", str(folder / "root.pem")
    )
    assert b"OK" in said


def test_stamp_that_only_others_can_read_is_kept(authority, folder, tmp_path):
    """A response with certificates out of order is kept as it is, and openssl verifies it."""
    token = request_stamp(authority + "/chain", DATA)
    assert stamp_covers(token, DATA)
    assert not stamp_covers(token, DATA + b"x")
    with pytest.raises(TimestampInvalidError):
        stamped_at(token)
    (tmp_path / "reply").write_bytes(token)
    (tmp_path / "data").write_bytes(DATA)
    said = openssl(
        tmp_path, "ts", "-verify", "-data", "data", "-in", "reply", "-CAfile", str(folder / "root.pem")
    )
    assert b"OK" in said


def test_stamp_of_other_data_does_not_verify(authority, root):
    """A stamp vouches for one sequence of bytes."""
    token = request_stamp(authority + "/", DATA)
    assert not stamp_covers(token, DATA + b"x")
    with pytest.raises(TimestampInvalidError):
        verify_stamp(token, DATA + b"x", [root])


def test_stamp_of_an_unknown_authority_does_not_verify(authority, tmp_path):
    """A root that did not issue the authority's certificate vouches for nothing."""
    token = request_stamp(authority + "/", DATA)
    with pytest.raises(TimestampInvalidError):
        verify_stamp(token, DATA, [made(tmp_path)])


def test_answer_to_another_request_is_refused(authority):
    """A replayed stamp carries another nonce."""
    request_stamp(authority + "/", DATA)
    with pytest.raises(TimestampInvalidError):
        request_stamp(authority + "/stale", DATA)


def test_unreadable_answer_is_refused(authority):
    """What is no time stamp is not kept as one."""
    with pytest.raises(TimestampInvalidError):
        request_stamp(authority + "/garbage", DATA)
    with pytest.raises(TimestampInvalidError):
        stamped_at(b"\x30\x00")


@pytest.mark.parametrize(
    "address", ["ftp://127.0.0.1/", "file:///etc/hostname", "http://127.0.0.1:1/", "http://[bad/"]
)
def test_authority_that_cannot_be_asked(address):
    """A wrong address is named as such, whatever is wrong with it."""
    with pytest.raises(TimestampUnavailableError):
        request_stamp(address, DATA, timeout=2)


@pytest.mark.parametrize("way", ["/broken", "/refuse"])
def test_authority_that_refuses(authority, way):
    """An authority that answers with a refusal gives no stamp."""
    with pytest.raises(TimestampUnavailableError):
        request_stamp(authority + way, DATA)
