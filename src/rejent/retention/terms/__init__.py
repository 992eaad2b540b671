"""Terms of recordings by the regulation as it stands."""
