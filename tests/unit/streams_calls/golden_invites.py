"""The INVITEs of the devices offices have, written by us after what those devices do; all numbers are made up."""

from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.sip"))


def golden(name: str) -> bytes:
    """One INVITE as it is on the wire."""
    text = (FOLDER / f"{name}.sip").read_bytes().replace(b"\n", b"\r\n")
    head, _, body = text.partition(b"\r\n\r\n")
    return head.replace(b"[length]", str(len(body)).encode()) + b"\r\n\r\n" + body
