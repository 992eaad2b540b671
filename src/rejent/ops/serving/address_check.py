"""A check before the start that an address can be listened on."""

import socket


def obstacle(host: str, port: int) -> OSError | None:
    """Return the reason why this machine cannot listen there now; None where it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return None
    except OSError as error:
        return error
