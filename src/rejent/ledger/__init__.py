"""The append-only Merkle log: tree, tiles, checkpoints, proofs, witness. No Django."""
