"""The proof of a ledger entry in four steps, each checked when the page is read."""

from dataclasses import dataclass

from django.utils.translation import gettext

from rejent.kernel.errors import RejentError
from rejent.ledger.commitment import commitment_of
from rejent.ledger.errors import NoteRefusedError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.merkle import consistency_proof, leaf_hash, verify_inclusion
from rejent.ledger.proof import Proof, parse_proof
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint
from rejent.ledger.signed.note import VerifierKey
from rejent.registers import queries
from rejent.registers.signing import checkpoints

MATCHES, DIFFERS, UNCHECKED = "recording", "stopped", "neutral"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: the sentence, and whether it holds."""

    sentence: str
    result: str

    @property
    def words(self) -> str:
        """The result in words."""
        return {
            MATCHES: gettext("matches"),
            DIFFERS: gettext("does not match"),
            UNCHECKED: gettext("not checked"),
        }[self.result]


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The proof on the page of an entry, with the numbers for those who repeat it; ``waiting`` until a signed state covers it."""

    steps: list[Step]
    waiting: bool
    numbers: list[tuple[str, str]]

    @property
    def holds(self) -> bool:
        """Return whether nothing that was checked differs, and something was checked."""
        results = [step.result for step in self.steps]
        return DIFFERS not in results and MATCHES in results


def proof_page(place: LedgerLocation, index: int) -> ProofPage:
    """Check an entry now, step by step."""
    try:
        proof = parse_proof(checkpoints.prove(place, index))
    except RejentError as error:
        waiting = error.code.endswith("checkpointed") or "checkpoint" in error.code
        return ProofPage([Step(error.sentence(gettext), UNCHECKED if waiting else DIFFERS)], waiting, [])
    key = place.verifier() or VerifierKey.parse(proof.key)
    state = _signed_state(proof, key)
    steps = [
        _record_step(proof),
        _inclusion_step(proof, state),
        _growth_step(place, state),
        _witness_step(place, state),
    ]
    return ProofPage(steps, waiting=False, numbers=_numbers(proof, state))


def _signed_state(proof: Proof, key: VerifierKey) -> Checkpoint | None:
    try:
        return open_checkpoint(proof.checkpoint, key)
    except RejentError:
        return None


def _record_step(proof: Proof) -> Step:
    sentence = gettext("This is the record that was entered; not a letter of it has changed.")
    if proof.record is None or proof.salt is None:
        return Step(gettext("The record of this entry was erased; its place in the ledger stays."), UNCHECKED)
    try:
        return Step(sentence, MATCHES if commitment_of(proof.salt, proof.record) == proof.leaf else DIFFERS)
    except RejentError:
        return Step(sentence, DIFFERS)


def _inclusion_step(proof: Proof, state: Checkpoint | None) -> Step:
    sentence = gettext(
        "The entry is in the ledger, in the place with its number, under a state signed by the office."
    )
    if state is None:
        return Step(sentence, DIFFERS)
    try:
        verify_inclusion(leaf_hash(proof.leaf), proof.index, state.size, proof.path, state.root)
    except RejentError:
        return Step(sentence, DIFFERS)
    return Step(sentence, MATCHES)


def _growth_step(place: LedgerLocation, state: Checkpoint | None) -> Step:
    sentence = gettext("Since then the ledger has only grown. Nothing was removed or changed.")
    head = queries.tree_head()
    if state is None or head.size < state.size:
        return Step(sentence, DIFFERS)
    same = place.log.edge(state.size).root() == state.root
    return Step(sentence, MATCHES if same else DIFFERS)


def _witness_step(place: LedgerLocation, state: Checkpoint | None) -> Step:
    watcher = place.open_witness()
    if watcher is None or state is None:
        return Step(
            gettext("A witness outside the office confirmed the state. No witness is set up here."), UNCHECKED
        )
    sentence = gettext("A witness outside the office confirmed the state of the ledger.")
    try:
        kept = watcher.last_checkpoint()
        if kept is None:
            return Step(sentence, UNCHECKED)
        path = (
            consistency_proof(kept.size, state.size, place.log.nodes(state.size))
            if kept.size < state.size
            else []
        )
        watcher.compare(state, path)
    except NoteRefusedError:
        return Step(sentence, UNCHECKED)
    except RejentError:
        return Step(sentence, DIFFERS)
    return Step(sentence, MATCHES)


def _numbers(proof: Proof, state: Checkpoint | None) -> list[tuple[str, str]]:
    numbers = [(gettext("Entry"), str(proof.index)), (gettext("Commitment"), proof.leaf.hex())]
    if state is not None:
        numbers += [
            (gettext("Ledger"), state.origin),
            (gettext("Size of the signed state"), str(state.size)),
            (gettext("Root"), state.root.hex()),
        ]
    return [*numbers, (gettext("Public key"), proof.key)]
