"""Signing exported files with the key of the office's electronic seal."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from rejent.formats.mp4.export_format import ExportSigner

_LEAST_BITS = 2048
_SALT = 20


def export_signer(content: bytes, passphrase: bytes, at: datetime) -> ExportSigner | None:
    """Return what signs by the key of a PKCS #12 file; None where it is no RSA key of 2048 bits, which the format demands.

    Raises DocumentError: it does not open, or its certificate is not valid at that instant.
    """
    from rejent.documents.sealing import open_seal_key  # its library is large, and few offices seal

    signer = open_seal_key(content, passphrase, at).signer
    key = load_der_private_key(signer.signing_key.dump(), None)
    if signer.signing_cert is None or not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        return None
    certificate = signer.signing_cert.dump()
    how = padding.PSS(padding.MGF1(SHA256()), _SALT)

    def sign(digest: bytes) -> bytes:
        return key.sign(digest, how, Prehashed(SHA256()))

    return ExportSigner(certificate, (key.key_size + 7) // 8, sign)
