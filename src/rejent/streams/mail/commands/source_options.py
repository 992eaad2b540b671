"""Options that describe a journal on the command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import acting, open_installation, program_clock
from rejent.cli.stream_commands import SourceOptions
from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.vocabulary import StreamName

_LISTS = {
    "journal": "recipients",
    "domain": "domains",
    "exempt": "exempt",
    "mark": "marks",
    "report_from": "reporters",
    "private_header": "headers",
    "authserv": "authserv",
    "allow": "networks",
    "doubtful": "doubtful",
}
_GROUPS = "exempt_group"
_FILES = ("certificate", "key", "senders", "aliases", "virtual")
_NONE = "-"
_UNREAD = "Members of these groups of whom no address can be kept, so that their mail is not exempt by them: {count}."


def _traits(given: Mapping[str, Any]) -> dict[str, str]:
    files = {name: str(given[name]).strip().removeprefix(_NONE) for name in _FILES if given[name] is not None}
    lists = {trait: given[option] for option, trait in _LISTS.items() if given[option]}
    traits = {name: each if isinstance(each, str) else ",".join(each) for name, each in lists.items()}
    if given[_GROUPS]:
        from rejent.streams.mail.records.exempt_groups import find_grouped
        from rejent.streams.mail.sources import GROUPED, GROUPS

        named = [each for each in given[_GROUPS] if each != _NONE]
        traits |= {GROUPS: "\n".join(named), GROUPED: ""}
        if named:
            found = find_grouped(named)
            traits[GROUPED] = found.trait()
            if found.unread:
                typer.echo(_UNREAD.format(count=found.unread), err=True)
    return traits | files


def _require_usable(stated: Mapping[str, str]) -> None:
    from rejent.catalog.errors import SourceRefusedError
    from rejent.streams.mail.receiving.admission import require_senders, require_usable
    from rejent.streams.mail.sources import read_rules

    if stated.get("certificate") and stated.get("key"):
        require_usable(stated["certificate"], stated["key"], program_clock().now())
    if stated.get("senders"):
        require_senders(stated["senders"])
    try:
        read_rules(stated)
    except OSError as error:
        raise SourceRefusedError(
            "{file} cannot be used: {why}.", file=error.filename, why=error.strerror or ""
        ) from error


def _add(directory: Path, name: str, given: Mapping[str, Any]) -> str:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services
    from rejent.retention import services as retention
    from rejent.streams.mail.sources import is_milter

    stated = _traits(given)
    if "recipients" not in stated and not is_milter(given["listen"].strip().lower()):
        raise InputRefusedError(
            "A journal has an address under which it takes messages.",
            advice="Write --journal dziennik@archiwum.example",
        )
    _require_usable(stated)
    with retention.keys_with_source(settings.KEEPING):
        return services.add_source(
            stream=StreamName.MAIL,
            name=name,
            address=given["listen"],
            building=name,
            place=name,
            kind="office",
            traits=stated,
            **acting(),
            credentials_box=settings.VAULT.credentials,
        )


def _change(directory: Path, name: str, given: Mapping[str, Any]) -> None:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries, services

    source, stated = queries.source_by_name(name), _traits(given)
    if any(file in stated for file in _FILES):
        _require_usable({**source.traits, **stated})
    services.change_source(
        source.id,
        address=given["listen"],
        traits=stated,
        **acting(),
        credentials_box=settings.VAULT.credentials,
    )


def _one(option: str, help_text: str, default: str | None = None) -> tuple[Any, object]:
    return Annotated[str | None, typer.Option(option, help=help_text)], default


def _several(option: str, help_text: str) -> tuple[Any, object]:
    return Annotated[list[str] | None, typer.Option(option, help=f"{help_text}; may be repeated.")], None


_OPTIONS: Mapping[str, tuple[Any, object]] = {
    "listen": _one(
        "--listen",
        "Where the mail server hands messages over: smtp://, lmtp:// or milter://127.0.0.1:2525, or milter:///PATH of a socket",
        "",
    ),
    "journal": _several("--journal", "Address under which messages are archived, as always_bcc names it"),
    "domain": _several("--domain", "Mail domain of the office"),
    "exempt": _several("--exempt", "Address, or @domain, whose mail is never kept"),
    _GROUPS: _several(
        "--exempt-group",
        "Distinguished name of a group of the directory in rejent.toml, whose members' mail is never kept; - for none",
    ),
    "mark": _several("--mark", "Words that mark a subject as private"),
    "report_from": _several(
        "--report-from", "Address from which Exchange or Microsoft 365 sends journal reports"
    ),
    "private_header": _several(
        "--private-header",
        "Field that marks a message as private, as name:value, such as of a folder or label",
    ),
    "doubtful": _one(
        "--doubtful",
        "Of messages whose subject or another deciding field cannot be decoded: aside (sealed, and read once both roles decide so) or drop (counted as private).",
    ),
    "authserv": _several(
        "--authserv", "Name by which a mail server of the office signs its Authentication-Results"
    ),
    "allow": _several(
        "--allow", "Address or network, such as 192.0.2.0/24, from which messages are handed over"
    ),
    "certificate": _one(
        "--certificate", "PEM file of the certificate: messages are taken by TLS alone; - for none."
    ),
    "key": _one("--key", "PEM file of its key; - for none."),
    "senders": _one(
        "--senders",
        "File of names and hashed passwords, of which another machine proves one (SMTP AUTH); - for none.",
    ),
    "aliases": _one(
        "--aliases",
        "Source text of the mail server's aliases, such as /etc/aliases: what leads to somebody exempt is exempt; - for none.",
    ),
    "virtual": _one(
        "--virtual", "Source text of its virtual aliases, such as /etc/postfix/virtual; - for none."
    ),
}
OPTIONS = SourceOptions(
    of_adding=_OPTIONS,
    of_changing=_OPTIONS,
    needed=("listen", "domain"),
    identifying=("listen", "journal"),
    usage="a journal of e-mail takes --listen, --domain and, but for a milter, --journal, and perhaps --exempt, --exempt-group, --mark, --private-header, --doubtful, --report-from, --authserv, --allow, --certificate, --key, --senders, --aliases and --virtual",
    changing="Of a journal: listen elsewhere, or change its lists; a list that is given replaces the one before.",
    add=_add,
    change=_change,
)
