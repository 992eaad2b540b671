"""Way to reach a source, as the ledger knows it: by a digest, so that another camera put in its place is found."""

from hashlib import sha256

from rejent.catalog.models import Source
from rejent.ledger.canonical import canonical_json


def way_digest(row: Source) -> str:
    """Return the digest over a source's name, address, traits and sealed credentials; bound to the source."""
    sealed = sha256(bytes(row.credentials)).hexdigest()
    fields = {
        "source": row.pk,
        "name": row.name,
        "address": row.address,
        "traits": row.traits,
        "credentials": sealed,
    }
    return sha256(canonical_json(fields).encode()).hexdigest()
