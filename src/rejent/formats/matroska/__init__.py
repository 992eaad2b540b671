"""The sealed object of a recorded call (docs/design/0012): written while the call runs, read packet by packet, heard on demand."""
