"""Common parts of recorders: the contract, the sealing sink, steady time."""
