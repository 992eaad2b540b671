"""Whether this machine lets tests make networks of their own: interfaces, cables and namespaces."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

_NET_RAW = 13


def has_net_raw() -> bool:
    """Whether this thread may open sockets that see every packet (capabilities(7))."""
    effective = re.search(r"CapEff:\s*([0-9a-f]+)", Path("/proc/thread-self/status").read_text())
    assert effective is not None
    return bool(int(effective[1], 16) >> _NET_RAW & 1)


@cache
def may_make_networks() -> bool:
    """Whether interfaces and namespaces can be made, and looked at; true for root outside of tight containers."""
    number = os.getpid()
    steps = (
        ("link", "add", f"rjp{number}", "type", "veth", "peer", "name", f"rjq{number}"),
        ("link", "del", f"rjp{number}"),
        ("netns", "add", f"rjp{number}"),
        ("netns", "del", f"rjp{number}"),
    )
    return has_net_raw() and all(
        subprocess.run(["ip", *step], check=False, capture_output=True).returncode == 0 for step in steps
    )
