"""Acts of the recorder and the keeper that no person looks for: there are many of them for each other one."""

MACHINERY = ("clock.steady", "gap.corrected", "segment.mended", "segment.resealed", "segment.sealed")
"""The partial indexes of the register leave them out, so a change of this list is a migration."""
