"""Whether an address can be listened on, asked before anything is started that would listen there."""

import socket


def obstacle(host: str, port: int) -> OSError | None:
    """What keeps this machine from listening there now; None where nothing does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return None
    except OSError as error:
        return error
