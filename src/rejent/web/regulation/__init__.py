"""The office's rules as a form: parameters of a regulation, each with what the statute says of it."""
