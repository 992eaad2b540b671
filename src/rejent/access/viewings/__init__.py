"""Viewings: their protocols, pages of their list, how much a person was given."""
