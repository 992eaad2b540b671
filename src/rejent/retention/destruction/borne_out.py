"""Whether a destruction is borne out by what nobody changes with the database: the key store and the ledger.

Rows say which key dies, of which date, by which rule, and how far its destruction has come. By themselves they let no key die.
"""

from collections.abc import Mapping
from datetime import date

from rejent.catalog import queries as catalog
from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED, SOURCE_ADDED
from rejent.office.queries import demand_regulation_entered
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.queries import entered, entered_naming
from rejent.retention.acts import DESTRUCTION_DECIDED, DESTRUCTION_KEY, SEGMENT_CUT
from rejent.retention.destruction.due import due_term
from rejent.retention.errors import NotBorneOutError
from rejent.retention.keys.lookup import survivor_label
from rejent.retention.models import Destruction, DestructionStage
from rejent.retention.terms.applicable_terms import Terms
from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import KeyTextError
from rejent.vault.keys.key_store import DAY, KeyStore


def is_key_of(keys: KeyStore, recipient: str, source_id: str, day: date) -> bool:
    """Whether a key is one of a source's civil date, by the key store; of one that it does not know, whether anything was sealed to it, at first or for a hold."""
    try:
        record = keys.record_by_recipient(Recipient.parse(recipient))
    except KeyTextError:
        return False
    if record is None:
        acts = (SEGMENT_SEALED, SEGMENT_RESEALED, SEGMENT_CUT)
        return any(entered_naming(act.name, recipient, subject=f"source:{source_id}") for act in acts)
    if record.kind == DAY:
        return (record.source_id, record.day) == (source_id, day)
    return record.label == survivor_label(source_id, day)


def sworn_streams() -> dict[str, str]:
    """The stream of each source, as the ledger tells it.

    Raises:
        NotBorneOutError: a version of the regulation is not the one that was entered, was never, or is gone; what is due then is
            anybody's word.
    """
    try:
        demand_regulation_entered()
    except LedgerMismatchError as error:
        raise NotBorneOutError(
            "The regulation in the database is not the one that was entered.", advice="Run rejent fsck."
        ) from error
    acts = entered([SOURCE_ADDED.name], committed_only=True)
    added = {act.subject: act.facts or {} for act in acts}
    return {name.removeprefix("source:"): str(facts.get("stream", "")) for name, facts in added.items()}


def demand_borne_out(keys: KeyStore, terms: Terms, streams: Mapping[str, str], row: Destruction) -> None:
    """Refuse a destruction that is not as it was entered.

    Raises:
        NotBorneOutError: the key is another date's, that date's term is not over, its source is of another stream, or no act
            tells that it was decided on, or that the key dies.
    """
    if row.stage == DestructionStage.DECIDED:
        borne_out = _is_decided(row) and due_term(terms, row.source_id, row.day, terms.now) is not None
        borne_out &= streams.get(row.source_id) == catalog.stream_of(row.source_id)
    else:
        borne_out = _is_told(row)
    if not borne_out or not is_key_of(keys, row.recipient, row.source_id, row.day):
        raise NotBorneOutError(
            "The destruction is not what key store and ledger say.", advice="Run rejent fsck."
        )


def _is_decided(row: Destruction) -> bool:
    """Whether it was entered that a key of this date ends."""
    said = {"number": row.number, "source": row.source_id, "day": row.day.isoformat()}
    acts = entered_naming(DESTRUCTION_DECIDED.name, row.number)
    return any(act.facts is not None and said.items() <= act.facts.items() for act in acts)


def _is_told(row: Destruction) -> bool:
    """Whether the point of no return was entered of just this key."""
    said = {
        "number": row.number,
        "source": row.source_id,
        "day": row.day.isoformat(),
        "recipient": row.recipient,
    }
    acts = entered_naming(DESTRUCTION_KEY.name, row.recipient)
    return any(act.facts is not None and said.items() <= act.facts.items() for act in acts)
