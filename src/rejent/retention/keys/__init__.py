"""Keys as terms rule them: made ahead, looked up, backed up, removed when idle."""
