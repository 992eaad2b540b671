"""Signed notes and what is made of them: checkpoints, cosignatures, time stamps, the witness."""
