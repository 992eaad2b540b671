"""The installation: its folder, the file ``rejent.toml``, and the section of it about the office's seal."""

import json
import os
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError
from rejent.ledger.durable_files import create_secret
from rejent.ledger.entry_keys import EntryKeys
from rejent.office.gateway_address import GATEWAY, GatewayAddress, read_gateway
from rejent.office.proxies import require_networks
from rejent.office.regulation.bounded_toml import NotTomlError, read_toml
from rejent.office.sign_in.configured import (
    LDAP,
    OIDC,
    Directory,
    MisstatedError,
    Provider,
    read_directory,
    read_provider,
)
from rejent.registers.guard.places import FILE as NEWEST_ENTRIES

SEAL = "seal"
LARGEST_FILE = 1 << 20
_KEYS = frozenset({"file", "passphrase_file", "authority", "roots"})
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Seal:
    """The office's electronic seal; paths that are not absolute lie in the installation's folder.

    Attributes:
        file: key, certificate and its chain (PKCS #12, RFC 7292); empty where the office seals nothing.
        roots: PEM file of the roots that certificates of signatures are traced to; empty where trust is not checked.
    """

    file: str = ""
    passphrase_file: str = ""
    authority: str = ""
    roots: str = ""

    def read_key(self, directory: Path) -> tuple[bytes, bytes]:
        """Return the PKCS #12 file and its passphrase. Raises ConflictError: one cannot be read, or others may read it."""
        passphrase = _read(directory / self.passphrase_file, private=True)
        return _read(directory / self.file, private=True), passphrase.rstrip(b"\r\n")

    def read_roots(self, directory: Path) -> bytes:
        """Return the roots in PEM, nothing where there are none. Raises ConflictError: they cannot be read."""
        return _read(directory / self.roots, private=False) if self.roots else b""


def read_seal(values: Mapping[str, Any]) -> Seal:
    """Return the section ``[seal]``. Raises `MisstatedError` if a key is unknown, wrong, or without the one it needs."""
    if unknown := values.keys() - _KEYS:
        raise MisstatedError(min(unknown), f"one of {', '.join(sorted(_KEYS))}")
    for key, value in values.items():
        if not isinstance(value, str) or not value.strip():
            raise MisstatedError(key, "a text")
    seal = Seal(**values)
    if bool(seal.file) != bool(seal.passphrase_file):
        raise MisstatedError("passphrase_file", "there where file is, and not otherwise")
    if seal.authority and not (seal.file and seal.authority.startswith(("http://", "https://"))):
        raise MisstatedError("authority", "an http or https address, where file is")
    if not seal.file and not seal.roots:
        raise MisstatedError("file", "there, or roots")
    return seal


def _read(file: Path, *, private: bool) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE)
        others = file.stat().st_mode & _OTHERS
    except OSError:
        content, others = b"", 0
    if not content:
        raise _unusable("A file that rejent.toml names for the seal is empty or cannot be read.")
    if private and others:
        raise _unusable("A secret file of the seal may be read by others than the program.")
    return content


def _unusable(sentence: str) -> ConflictError:
    return ConflictError(sentence, advice="Tell whoever runs the system: section [seal] of rejent.toml.")


CONFIGURATION = "rejent.toml"
OFFICE_DATABASE = "REJENT_DATABASE_URL"
"""The variable that names the database in the place of ``rejent.toml``."""
_DATABASE = re.compile(rb"""^[ \t]*["']?database["']?[ \t]*=.*$""", re.MULTILINE)
FOLDERS = ("vault", "keys", "ledger", "catalog", "run", "secrets")
SHORTEST_TOKEN = 16
LARGEST_ATTACHMENT_MIB = 4096
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)+")
"""A header of several words, without an underscore, which some servers take for a hyphen and some drop."""
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Installation:
    """The values of ``rejent.toml``.

    Attributes:
        id: opaque identifier, also the ledger's origin and the owner written into storage folders.
        test: made with ``--test``: gates count as passed, the clock may be set, every page says so.
        database: empty for the built-in SQLite, or a ``postgresql://`` address.
        storage: empty for the folder ``vault``, or an ``s3+https://ACCESS@HOST/BUCKET/PREFIX`` address.
        witness: file elsewhere that remembers the last checkpoint, or empty.
        trusted_proxies: addresses and networks of reverse proxies whose ``X-Forwarded-For`` is believed.
        metrics_token: what ``/metrics`` wants as a bearer token; empty, it answers this machine alone.
        tls_certificate, tls_key: PEM files of what the pages are served with over HTTPS; empty, they are served over HTTP.
        station_header: the header in which a trusted proxy hands on the certificate it was shown; empty for none.
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
    trusted_proxies: tuple[str, ...] = ()
    metrics_token: str = field(default="", repr=False)
    tls_certificate: str = ""
    tls_key: str = ""
    client_certificates: bool = False
    station_header: str = ""
    oidc: Provider | None = None
    ldap: Directory | None = None
    seal: Seal | None = None
    gateway: GatewayAddress | None = None
    largest_attachment: int = LARGEST_ATTACHMENT_MIB << 20
    stated: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def section(self, stream: str) -> "Table":
        """Return the table of a stream; raise `InputRefusedError` where its name is no table."""
        return Table(self.directory / CONFIGURATION, self.stated).within(stream)

    @property
    def by_itself(self) -> bool:
        """Return whether the pages are served to this machine only: no other name and no proxy."""
        return not self.hosts and not self.trusted_proxies

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
    """Read ``rejent.toml`` of a folder; raise `NotFoundError` or `InputRefusedError`."""
    file = directory / CONFIGURATION
    try:
        table = read_toml(_configuration(file))
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(
            "{directory} is not a Rejent installation.",
            directory=directory,
            advice="Create one with: rejent init DIR --regulation NAME",
        ) from None
    except OSError as error:
        raise _unreadable(file, error.strerror or "it cannot be opened") from None
    except (NotTomlError, UnicodeDecodeError) as error:
        raise _unreadable(file, str(error)) from None
    return Table(file, table).installation(directory)


def _configuration(file: Path) -> str:
    """Return the text of the file; where the environment names the database, the file's address never gets into memory but once, and is wiped."""
    with file.open("rb", buffering=0) as opened:
        content = bytearray(os.fstat(opened.fileno()).st_size)
        opened.readinto(content)
    if OFFICE_DATABASE in os.environ:
        for start, end in [line.span() for line in _DATABASE.finditer(content)]:
            content[start:end] = b" " * (end - start)
    return content.decode("utf-8")


def _unreadable(file: Path, why: str) -> InputRefusedError:
    return InputRefusedError(
        "{file} cannot be read: {why}.", file=file, why=why.rstrip("."), advice="Mend the file or restore it."
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the file; nothing is guessed, for a wrong kind of value may open what must be closed."""

    file: Path
    values: Mapping[str, Any]
    section: str = ""

    def installation(self, directory: Path) -> Installation:
        """Return the installation; raise `InputRefusedError` for a value that is missing or of a wrong kind."""
        web = self.within("web")
        identifier = self.of(str, "id")
        if not re.fullmatch(r"[0-9a-f]{32}", identifier):
            raise self.misstated("id")
        return Installation(
            directory=directory,
            id=identifier,
            name=self.of(str, "name"),
            test=self.of(bool, "test"),
            created=self._instant("created"),
            database=self.of(str, "database", ""),
            storage=self.of(str, "storage", ""),
            timestamp_authority=self.of(str, "timestamp_authority", ""),
            witness=self.of(str, "witness", ""),
            secure_cookies=self.of(bool, "secure_cookies", False),
            hosts=self._texts("hosts"),
            trusted_proxies=web.proxies(),
            metrics_token=web.token("metrics_token"),
            tls_certificate=web.encryption("tls_certificate"),
            tls_key=web.encryption("tls_key"),
            client_certificates=web.asks_for_certificates(),
            station_header=web.station_header(),
            oidc=self.way(OIDC, read_provider),
            ldap=self.way(LDAP, read_directory),
            seal=self.way(SEAL, read_seal),
            gateway=self.way(GATEWAY, read_gateway),
            largest_attachment=self.mebibytes("largest_attachment_mib", LARGEST_ATTACHMENT_MIB) << 20,
            stated=self.values,
        )

    def of(self, kind: type[Kind], key: str, default: Kind | None = None) -> Kind:
        """Return the value of a key; raise `InputRefusedError` if it is missing or of another kind."""
        value = self.values.get(key, default)
        if not isinstance(value, kind):
            raise self.misstated(key)
        return value

    def _texts(self, key: str) -> tuple[str, ...]:
        values = self.of(list, key, [])
        if not all(isinstance(value, str) for value in values):
            raise self.misstated(key)
        return tuple(values)

    def within(self, section: str) -> "Table":
        """Return a section, which may be left out."""
        return Table(self.file, self.of(dict, section, {}), f"{section}.")

    def way(self, section: str, read: Callable[[Mapping[str, Any]], Kind]) -> Kind | None:
        """Return what a section of its own says, such as a directory that people sign in by; None where the file has no such section."""
        if section not in self.values:
            return None
        try:
            return read(self.within(section).values)
        except MisstatedError as wrong:
            raise InputRefusedError(
                "{file}: {key} must be {rule}.",
                file=self.file,
                key=f"{section}.{wrong.key}",
                rule=wrong.rule,
                advice="Mend the file.",
            ) from None

    def mebibytes(self, key: str, default: int) -> int:
        """Return a size in MiB, at least one."""
        stated = self.of(int, key, default)
        if isinstance(stated, bool) or stated < 1:
            raise self.misstated(key)
        return stated

    def proxies(self) -> tuple[str, ...]:
        """Return the addresses and networks of reverse proxies."""
        proxies = self._texts("trusted_proxies")
        try:
            require_networks(proxies)
        except ValueError:
            raise self.misstated("trusted_proxies") from None
        return proxies

    def token(self, key: str) -> str:
        """Return a token that cannot be guessed, or an empty text."""
        token = self.of(str, key, "")
        if token and (len(token) < SHORTEST_TOKEN or not token.isascii()):
            raise self.misstated(key)
        return token

    def encryption(self, key: str) -> str:
        """Return the file of a certificate or its key; where one is named the other is, too."""
        file = self.of(str, key, "")
        if not file and (self.of(str, "tls_certificate", "") or self.of(str, "tls_key", "")):
            raise self.misstated(key)
        return file

    def asks_for_certificates(self) -> bool:
        """Return whether browsers are to show a certificate, which takes HTTPS."""
        asks = self.of(bool, "client_certificates", False)
        if asks and not self.of(str, "tls_certificate", ""):
            raise self.misstated("tls_certificate")
        return asks

    def station_header(self) -> str:
        """Return the header of stations' certificates; without a trusted proxy anybody could write it."""
        name = self.of(str, "station_header", "")
        if name and (not _HEADER.fullmatch(name) or not self.proxies()):
            raise self.misstated("station_header")
        return name.lower()

    def _instant(self, key: str) -> datetime:
        try:
            instant = datetime.fromisoformat(self.of(str, key))
        except ValueError:
            raise self.misstated(key) from None
        if instant.tzinfo is None:
            raise self.misstated(key)
        return instant

    def misstated(self, key: str) -> InputRefusedError:
        """Return the error of a key."""
        return InputRefusedError(
            "{file} lacks or misstates {key}.",
            file=self.file,
            key=self.section + key,
            advice="Mend the file or restore it.",
        )


def write_installation(
    directory: Path, *, name: str, test: bool, created: datetime, database: str, storage: str
) -> Installation:
    """Create the folder and its ``rejent.toml``; raise `ConflictError` if the folder holds one."""
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
        number = os.open(directory / CONFIGURATION, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {_toml(value)}\n" for key, value in lines.items())
    except FileExistsError:
        raise ConflictError(
            "{directory} already holds an installation.", directory=directory, advice="Choose another folder."
        ) from None
    for folder in FOLDERS:
        (directory / folder).mkdir(mode=0o700, exist_ok=True)
    EntryKeys.generate().store(directory / "secrets")
    create_secret(directory / "secrets" / NEWEST_ENTRIES, "")
    return read_installation(directory)


def _toml(value: object) -> str:
    """Return a text, truth value or list in TOML: as JSON, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
