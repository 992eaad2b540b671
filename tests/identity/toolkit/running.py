"""Django OAuth Toolkit as an OpenID Connect provider on the loopback, and a browser that passes its login page."""

import json
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client

from rejent.office.sign_in.configured import Provider
from tests.certificates import Authority
from tests.identity.slapd import ENDS_WITH_US
from tests.installation import HERE, environment
from tests.ports import free_port
from tests.waiting import CEILING_S

CLIENT = {"client_id": "rejent", "secret": "klient: 100% + & tajny", "password": "hasło u dostawcy"}
BACK = "/account/provider/back"


@dataclass(frozen=True, slots=True)
class Toolkit:
    """The running provider.

    Attributes:
        issuer: what it calls itself.
        ca: the file of the authority that signed its certificate.
        pages: where it sends browsers back to.
        identifiers: each person's, by name.
    """

    issuer: str
    ca: Path
    pages: str
    identifiers: dict[str, str]

    def provider(self, **changed: object) -> Provider:
        """What an installation would say of it."""
        given: dict[str, object] = {"ca": str(self.ca), "second_factor_amr": ("hwk",), **changed}
        return Provider(self.issuer, CLIENT["client_id"], self.pages, **given)  # type: ignore[arg-type]  # each key has its type

    def passed(self, address: str, name: str) -> str:
        """Where a browser is sent back to when somebody proves at the provider who they are."""
        with Client(verify=ssl.create_default_context(cafile=str(self.ca))) as browser:
            page = browser.get(address, follow_redirects=True)
            hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert hidden is not None, page.text
            form = {"csrfmiddlewaretoken": hidden[1], "username": name, "password": CLIENT["password"]}
            answer = browser.post(str(page.url), data=form, headers={"Referer": str(page.url)})
            while answer.is_redirect and not answer.headers["Location"].startswith(self.pages):
                answer = browser.get(str(answer.url.join(answer.headers["Location"])))
            assert answer.is_redirect, answer.text
            return str(answer.headers["Location"]).removeprefix(self.pages)


@contextmanager
def toolkit(
    folder: Path, authority: Authority, people: list[str], pages: str = "https://rejent.example"
) -> Iterator[Toolkit]:
    """Run the provider on a free port until the end of the block."""
    authority.server("localhost")
    port = free_port()
    known = {"PROVIDER_FOLDER": str(folder), "PROVIDER_PORT": str(port)}
    with subprocess.Popen(
        [*ENDS_WITH_US, sys.executable, "-m", "tests.identity.toolkit.serve"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(**known), cwd=HERE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"client": {**CLIENT, "back": pages + BACK}, "people": people}) + "\n")
        process.stdin.flush()
        told = json.loads(process.stdout.readline())
        try:
            yield Toolkit(f"https://localhost:{port}/o", authority.file, pages, told)
        finally:
            process.terminate()
            process.wait(CEILING_S)
