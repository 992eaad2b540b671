"""The regulation of an office: read, held against the statute, loaded."""
