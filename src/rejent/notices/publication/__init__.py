"""What an office publishes of its notices: the register, the static bundle, the statement of accessibility."""
