"""Stations that requests come from, and the authority that certifies them."""
