"""Signing in: passwords, codes, passkeys, ways of other offices, and whose account it is."""
