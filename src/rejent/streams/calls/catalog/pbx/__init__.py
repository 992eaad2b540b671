"""Call records and files of PBXs."""
