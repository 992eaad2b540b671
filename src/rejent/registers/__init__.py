"""The numbered books: the register of actions with its ledger leaves, and series of numbers without gaps."""
