"""Whether the kernel that runs the tests confines programs."""

import subprocess
import sys

import pytest

_ASK = (
    "import sys; from rejent.vault.landlock import confine_reader; sys.exit(not confine_reader().effective)"
)
NEEDS_LANDLOCK = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", _ASK], check=False).returncode != 0,
    reason="this kernel has no Landlock",
)
