"""OpenLDAP's own server on the loopback, with a few people in it; its configuration and data lie in a test's folder."""

import base64
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rejent.office.sign_in.configured import Directory
from tests.certificates import Authority, Signed
from tests.ports import free_port
from tests.waiting import CEILING_S

ENDS_WITH_US = ("setpriv", "--pdeathsig", "TERM")
"""A server must not outlive a test run that is killed."""
BASE = "dc=gmina,dc=example"
PEOPLE = f"ou=ludzie,{BASE}"
LOOKER = f"cn=rejent,{BASE}"
LOOKERS_PASSWORD = "czyta i nic więcej"
MASTER, MASTERS_PASSWORD = f"cn=admin,{BASE}", "wolno mu wszystko"
PASSWORD = "spokojna długa rzeka"

CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
TLSProtocolMin 3.3
security simple_bind=128
database mdb
suffix "{base}"
rootdn "{master}"
rootpw "{masters_password}"
directory {folder}/data
index uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{looker}" read by anonymous auth by * none
"""
ENTRIES = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Gmina
dc: gmina

dn: {LOOKER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: rejent
userPassword: {LOOKERS_PASSWORD}

dn: {PEOPLE}
objectClass: organizationalUnit
ou: ludzie
"""
PERSON = """
dn: uid={uid},{people}
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid}
userPassword: {password}
"""


WINDOWS_PERSON = """
dn: cn=Adam Nowak,{people}
objectClass: inetOrgPerson
objectClass: extensibleObject
cn: Adam Nowak
sn: Nowak
sAMAccountName: a.nowak
objectGUID:: {guid}
userPassword: {password}
"""
"""As Active Directory has people: named by one attribute, known by sixteen octets."""


@dataclass
class Slapd:
    """The running server.

    Attributes:
        plain, encrypted: its ports; on the plain one it takes StartTLS and no password without it.
        ca: the file of the authority that signed its certificate.
    """

    folder: Path
    plain: int
    encrypted: int
    ca: Path
    process: "subprocess.Popen[bytes]"

    def directory(
        self, *, tls_at_once: bool = True, host: str = "localhost", ca: Path | None = None
    ) -> Directory:
        """What an installation would say of it."""
        port = self.encrypted if tls_at_once else self.plain
        return Directory(host, port, tls_at_once, LOOKER, PEOPLE, ca=str(ca or self.ca))

    def add(self, uid: str, password: str = PASSWORD) -> None:
        """Enter somebody."""
        self._asked("ldapadd", PERSON.format(uid=uid, people=PEOPLE, password=password))

    def add_windows_person(self, guid: bytes) -> None:
        """Enter somebody as Active Directory has them."""
        written = base64.b64encode(guid).decode()
        self._asked("ldapadd", WINDOWS_PERSON.format(people=PEOPLE, guid=written, password=PASSWORD))

    def add_group(self, name: str, members: list[str]) -> None:
        """Enter a group of these entries."""
        lines = [f"dn: cn={name},{PEOPLE}", "objectClass: groupOfNames", f"cn: {name}"]
        self._asked("ldapadd", "\n".join([*lines, *(f"member: {each}" for each in members)]) + "\n")

    def change_group(self, name: str, members: list[str]) -> None:
        """Give a group other members."""
        lines = [f"dn: cn={name},{PEOPLE}", "changetype: modify", "replace: member"]
        self._asked("ldapmodify", "\n".join([*lines, *(f"member: {each}" for each in members)]) + "\n")

    def remove(self, name: str, by: str = "uid") -> None:
        """Take somebody, or a group by its ``cn``, out."""
        self._asked("ldapmodify", f"dn: {by}={name},{PEOPLE}\nchangetype: delete\n")

    def rename(self, uid: str, to: str) -> None:
        """Give an entry another name."""
        change = f"dn: uid={uid},{PEOPLE}\nchangetype: modrdn\nnewrdn: uid={to}\ndeleteoldrdn: 1\n"
        self._asked("ldapmodify", change)

    def change(self, uid: str, **attributes: str | list[str]) -> None:
        """Set attributes of an entry, each to one value or several."""
        lines = [f"dn: uid={uid},{PEOPLE}", "changetype: modify"]
        for name, given in attributes.items():
            values = [given] if isinstance(given, str) else given
            written = [f"{name}:: {base64.b64encode(value.encode()).decode()}" for value in values]
            lines += [f"replace: {name}", *written, "-"]
        self._asked("ldapmodify", "\n".join(lines) + "\n")

    def _asked(self, program: str, text: str) -> None:
        subprocess.run(
            [program, "-x", "-H", f"ldaps://localhost:{self.encrypted}", "-D", MASTER, "-w", MASTERS_PASSWORD],
            input=text.lstrip().encode(), env={"LDAPTLS_REQCERT": "never", "PATH": "/usr/bin"},
            check=True, capture_output=True, timeout=CEILING_S,
        )  # fmt: skip


@contextmanager
def slapd(folder: Path, authority: Authority, served: Signed) -> Iterator[Slapd]:
    """Run the server on two free ports until the end of the block."""
    configured = _filled(folder, authority, served)
    plain, encrypted = free_port(), free_port()
    with subprocess.Popen(
        [*ENDS_WITH_US, "/usr/sbin/slapd", "-d", "none,stats", *configured, "-h", f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{encrypted}"],
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = b""
        for line in process.stderr:
            said += line
            if b"slapd starting" in line:
                break
        else:
            raise AssertionError(said.decode())
        drained = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        try:
            yield Slapd(folder, plain, encrypted, authority.file, process)
        finally:
            process.terminate()
            process.wait(CEILING_S)
            drained.wait(CEILING_S)


def _filled(folder: Path, authority: Authority, served: Signed) -> list[str]:
    """Write configuration and entries; the options that name them."""
    (folder / "data").mkdir()
    (folder / "slapd.conf").write_text(
        CONFIGURATION.format(
            folder=folder, ca=authority.file, certificate=served.certificate, key=served.key, base=BASE,
            master=MASTER, masters_password=MASTERS_PASSWORD, looker=LOOKER,
        ),
        encoding="utf-8",
    )  # fmt: skip
    configured = ["-f", str(folder / "slapd.conf")]
    entries = ENTRIES + "".join(
        PERSON.format(uid=uid, people=PEOPLE, password=PASSWORD) for uid in ("anna", "jan")
    )
    subprocess.run(
        ["/usr/sbin/slapadd", *configured],
        input=entries.encode(),
        check=True,
        capture_output=True,
        timeout=CEILING_S,
    )
    return configured
