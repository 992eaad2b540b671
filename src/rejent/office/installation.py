"""One installation: the folder an office's Rejent lives in, and the file ``rejent.toml`` that says what it is."""

import json
import tomllib
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError

CONFIGURATION = "rejent.toml"


@dataclass(frozen=True, slots=True)
class Installation:
    """What ``rejent.toml`` says.

    Attributes:
        directory: the folder everything lives in.
        id: opaque identifier, also the ledger's origin and the owner written into storage folders.
        name: the regulation's short name, shown on pages.
        test: made with ``--test``: gates count as passed, the clock may be set, every page says so.
        created: when it was made.
        database: empty for the built-in SQLite, or a ``postgresql://`` address.
        storage: empty for the folder ``vault``, or an ``s3://bucket/prefix`` address.
        timestamp_authority: address of an RFC 3161 service, or empty.
        witness: file elsewhere that remembers the last checkpoint, or empty.
        secure_cookies: pages are served over HTTPS only.
        hosts: names the pages answer to besides the loopback ones.
    """

    directory: Path
    id: str
    name: str
    test: bool
    created: datetime
    database: str = ""
    storage: str = ""
    timestamp_authority: str = ""
    witness: str = ""
    secure_cookies: bool = False
    hosts: tuple[str, ...] = ()

    @property
    def vault(self) -> Path:
        """Folder of the sealed objects."""
        return self.directory / "vault"

    @property
    def keys(self) -> Path:
        """Folder of the private keys, apart from everything else."""
        return self.directory / "keys"

    @property
    def ledger(self) -> Path:
        """Folder of checkpoints and tiles."""
        return self.directory / "ledger"

    @property
    def catalog(self) -> Path:
        """The SQLite file, where that is the database."""
        return self.directory / "catalog" / "catalog.db"

    @property
    def runtime(self) -> Path:
        """Folder of sockets and locks of the running program."""
        return self.directory / "run"

    @property
    def secrets(self) -> Path:
        """Folder of the keys that protect camera passwords and sessions."""
        return self.directory / "secrets"


def read_installation(directory: Path) -> Installation:
    """Read ``rejent.toml`` of a folder.

    Raises:
        NotFoundError: there is none.
        InputRefusedError: it cannot be read as one.
    """
    file = directory / CONFIGURATION
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFoundError(
            "{directory} is not a Rejent installation.",
            directory=directory,
            advice="Create one with: rejent init DIR --regulation NAME",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputRefusedError(
            "{file} cannot be read: {error}.", file=file, error=error, advice="Mend the file or restore it."
        ) from None
    try:
        return Installation(
            directory=directory,
            id=str(table["id"]),
            name=str(table["name"]),
            test=bool(table["test"]),
            created=datetime.fromisoformat(str(table["created"])),
            database=str(table.get("database", "")),
            storage=str(table.get("storage", "")),
            timestamp_authority=str(table.get("timestamp_authority", "")),
            witness=str(table.get("witness", "")),
            secure_cookies=bool(table.get("secure_cookies", False)),
            hosts=tuple(str(host) for host in table.get("hosts", [])),
        )
    except (KeyError, ValueError) as error:
        raise InputRefusedError(
            "{file} lacks or misstates {error}.", file=file, error=error, advice="Mend the file or restore it."
        ) from None


def write_installation(directory: Path, *, name: str, test: bool, created: datetime, database: str, storage: str) -> Installation:
    """Create the folder and its ``rejent.toml``.

    Raises:
        ConflictError: the folder already holds one.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = {
        "id": uuid.uuid4().hex,
        "name": name,
        "test": test,
        "created": created.isoformat(),
        "database": database,
        "storage": storage,
        "timestamp_authority": "",
        "witness": "",
        "secure_cookies": False,
        "hosts": [],
    }
    try:
        with (directory / CONFIGURATION).open("x", encoding="utf-8") as file:
            file.writelines(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())
    except FileExistsError:
        raise ConflictError(
            "{directory} already holds an installation.", directory=directory, advice="Choose another folder."
        ) from None
    for folder in ("vault", "keys", "ledger", "catalog", "run", "secrets"):
        (directory / folder).mkdir(mode=0o700, exist_ok=True)
    return read_installation(directory)
