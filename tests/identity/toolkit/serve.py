"""Runs the provider: ``python -m tests.identity.toolkit.serve``, with what it is to know as JSON on standard input.

On standard output it says who has which identifier, as JSON, once it listens.
"""

import json
import os
import socket
import sys

import django
import uvicorn
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.asgi import get_asgi_application
from django.core.management import call_command


def filled(wanted: dict[str, str], people: list[str]) -> dict[str, str]:
    """Enter the client and the people; the identifier of each."""
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    Application.objects.create(
        client_id=wanted["client_id"],
        client_secret=wanted["secret"],
        redirect_uris=wanted["back"],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )
    entered = [get_user_model().objects.create_user(name, password=wanted["password"]) for name in people]
    return {account.username: str(account.pk) for account in entered}


class Telling(uvicorn.Server):
    """Says what it was given to say once it listens."""

    told: dict[str, str]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        sys.stdout.write(json.dumps(self.told) + "\n")
        sys.stdout.flush()


def serve(told: dict[str, str]) -> None:
    """Answer over HTTPS until told to stop."""
    configured = uvicorn.Config(
        get_asgi_application(), host="127.0.0.1", port=settings.PORT, lifespan="off", log_level="error",
        ssl_certfile=str(settings.FOLDER / "localhost.pem"), ssl_keyfile=str(settings.FOLDER / "localhost.key"),
    )  # fmt: skip
    server = Telling(configured)
    server.told = told
    server.run()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.identity.toolkit.site"
    django.setup()
    given = json.loads(sys.stdin.readline())
    serve(filled(given["client"], given["people"]))
