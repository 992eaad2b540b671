"""Decode G.711 to 16-bit samples by table (ITU-T G.711, tables 1a and 2a)."""

from typing import Final

A_SILENCE: Final = 0xD5
MU_SILENCE: Final = 0xFF


def _a_sample(code: int) -> int:
    code ^= 0x55
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    magnitude = (mantissa << 4) + 8 if not exponent else (mantissa << 4) + 0x108 << exponent - 1
    return magnitude if code & 0x80 else -magnitude


def _mu_sample(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)
    return 0x84 - magnitude if code & 0x80 else magnitude - 0x84


A_SAMPLES: Final = [_a_sample(code) for code in range(256)]
MU_SAMPLES: Final = [_mu_sample(code) for code in range(256)]
TABLES: Final = {
    name: [sample.to_bytes(2, "little", signed=True) for sample in samples]
    for name, samples in (("PCMA", A_SAMPLES), ("PCMU", MU_SAMPLES))
}
"""Each code's sample as two bytes."""
SILENCE: Final = {"PCMA": A_SILENCE, "PCMU": MU_SILENCE}


def decoded(name: str, payload: bytes) -> bytes:
    """Decode A-law (``PCMA``) or mu-law (``PCMU``) to 16-bit little-endian samples."""
    return b"".join(map(TABLES[name].__getitem__, payload))
