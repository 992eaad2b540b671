"""The offline verifier of evidence packages: the standard library alone, Python 3.8 or newer, packed into one file with each package."""
