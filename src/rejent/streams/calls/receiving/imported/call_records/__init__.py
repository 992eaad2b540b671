"""Call records of a PBX: read as they grow, and taken in once."""
