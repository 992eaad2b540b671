"""The register of plates: where each hangs, what is printed on it, who looked at it last."""
