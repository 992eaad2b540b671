"""The regulation of an office: read, checked against the statute, loaded."""
