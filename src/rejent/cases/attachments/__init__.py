"""Files that belong to a case, a commission or a hand-over: sealed, each under a key of its own."""
