"""The keepers' work on calls."""
