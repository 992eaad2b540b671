"""Official e-mail as a kind of stream: sealed at receipt, opened in a case by two roles together."""
