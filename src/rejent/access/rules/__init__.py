"""The decision who may do what: pure, with the tables that it reads."""
