"""Authorisations, the decision who may do what, viewings."""
