"""Exported files: every box is read back as the specification has it, the seal verifies, and other programs play the file."""

import json
import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from rejent.evidence.sealing import export_signer
from rejent.formats.mp4.export_format import ExportFacts, exported
from rejent.formats.source import BytesSource
from rejent.streams.cameras.player.copying import EXPORTING
from tests.certificates import office_seal
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of

NOON = datetime(2026, 11, 21, 11, 0, 0, 250_000, tzinfo=UTC)
FACTS = ExportFacts("Urząd Miejski", "7f3a", NOON + timedelta(days=1), "Hol na parterze", NOON)
HEADS = {b"meta": 4, b"ipro": 6, b"sinf": 0, b"schi": 0}
"""Bytes before the children of a box."""


def boxes(content: bytes, at: int = 0) -> dict[bytes, tuple[int, bytes]]:
    """Each box by its type, those in `meta` too: where its body begins, and the body."""
    found = {}
    while content[at:]:
        size, kind = struct.unpack_from(">I4s", content, at)
        found[kind] = (at + 8, content[at + 8 : at + size])
        if kind in HEADS:
            inner = boxes(content[: at + size], at + 8 + HEADS[kind])
            found.update(inner)
        at += size
    return found


@pytest.fixture(scope="module")
def film() -> bytes:
    """Some seconds of a camera."""
    made = clip("h264", (320, 180))
    return content_of(made.parameters, fragments_of(made.parameters, made.units))


def test_an_exported_file_says_whose_it_is(film: bytes, tmp_path: Path) -> None:
    """Name of unit, operator, source; the export's second since 1904, the beginning in 100 ns since 1601; ffprobe sees the same pictures."""
    made = b"".join(EXPORTING.made(BytesSource(film), FACTS, None))
    assert made.startswith(film)
    found = boxes(made)
    assert b"ipro" not in found
    _, said = found[b"suep"]
    version, unit, url, mac, rest = said[0], *said[4:].split(b"\0", 3)
    assert (version, unit.decode(), url, mac) == (1, "Urząd Miejski", b"", b"")
    (seconds,) = struct.unpack_from(">Q", rest)
    assert datetime(1904, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) == FACTS.at.replace(microsecond=0)
    operator, tracks = rest[8:].split(b"\0", 1)
    assert (operator, struct.unpack_from(">IH", tracks)) == (b"7f3a", (1, 1))
    assert tracks[6:] == b"Hol na parterze" + b"\0\0\0\0"
    entries, track, start = struct.unpack(">IIQ", found[b"cstb"][1])
    assert (entries, track) == (1, 1)
    assert datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=start // 10) == NOON
    counted = []
    for name, content in (("a.mp4", film), ("b.mp4", made)):
        (tmp_path / name).write_bytes(content)
        asked = ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", tmp_path / name]
        told = subprocess.run(asked, check=True, capture_output=True, text=True)
        assert told.stderr == ""
        counted.append(json.loads(told.stdout)["streams"][0]["nb_read_packets"])
    assert counted[0] == counted[1] != "0"


def test_its_seal_is_over_every_byte(film: bytes, tmp_path: Path) -> None:
    """The signature verifies with its own bytes at zero, and not once any other bit is changed; a key that the format does not know signs nothing."""
    key = rsa.generate_private_key(65537, 2048)
    signer = export_signer(*office_seal(tmp_path, key).read_key(tmp_path), NOON)
    made = bytearray(b"".join(exported([film[:1000], film[1000:]], FACTS, signer)))
    found = boxes(bytes(made))
    assert found[b"schm"][1] == bytes(4) + b"oeff" + bytes((0, 1, 0, 0))
    assert found[b"ipro"][1][:6] == bytes((0, 0, 0, 0, 0, 1))
    at, signature = found[b"sibo"]
    made[at : at + len(signature)] = bytes(len(signature))
    public = load_der_x509_certificate(found[b"cert"][1]).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    how = padding.PSS(padding.MGF1(SHA256()), 20)
    public.verify(signature, bytes(made), how, SHA256())
    for place in (50, len(film) + 60, len(made) - 1):
        made[place] ^= 1
        with pytest.raises(InvalidSignature):
            public.verify(signature, bytes(made), how, SHA256())
        made[place] ^= 1
    assert export_signer(*office_seal(tmp_path).read_key(tmp_path), NOON) is None
