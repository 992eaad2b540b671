"""Signed states of the ledger: made, found, gone on with after a restore."""
