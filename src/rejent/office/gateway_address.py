"""The section ``[gateway]`` of ``rejent.toml``: where devices reach the office."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from rejent.kernel.numbers import read_number
from rejent.office.sign_in.configured import MisstatedError

GATEWAY = "gateway"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """Where the gateway listens, and the names and addresses that devices call it by."""

    host: str
    port: int
    names: tuple[str, ...]


def read_gateway(values: Mapping[str, Any]) -> GatewayAddress:
    """Return the section. Raises `MisstatedError` if a key is unknown, missing or wrong."""
    if unknown := values.keys() - {"listen", "names"}:
        raise MisstatedError(min(unknown), "listen or names")
    host, port = split_address(values.get("listen")) or ("", 0)
    if not host:
        raise MisstatedError("listen", "HOST:PORT")
    names = values.get("names")
    if not isinstance(names, list) or not names or not all(map(_is_name, names)):
        raise MisstatedError("names", "a list of the names or addresses by which devices reach it")
    return GatewayAddress(host, port, tuple(names))


def split_address(text: object) -> tuple[str, int] | None:
    """Return host and port of ``HOST:PORT``, an IPv6 host in brackets; nothing where it is no such pair."""
    host, colon, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    host = host.removeprefix("[").removesuffix("]")
    number = read_number(port, least=1, most=65_535)
    return (host, number) if colon and host and number is not None else None


def _is_name(name: object) -> bool:
    if not isinstance(name, str):
        return False
    try:
        ip_address(name)
    except ValueError:
        return bool(_NAME.fullmatch(name))
    return True
