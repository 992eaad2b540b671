"""Stores of sealed objects, on the local disk or any S3 server, behind one protocol."""
