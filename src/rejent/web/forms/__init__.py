"""What people fill in; words, hints and errors as the design lays down."""
