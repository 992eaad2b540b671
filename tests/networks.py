"""Whether this machine lets tests make networks of their own: interfaces, cables and namespaces."""

import os
import subprocess
from functools import cache

from rejent.kernel.capabilities import has_net_raw


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
