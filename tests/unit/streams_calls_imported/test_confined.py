"""What the process that imports can reach: the folder of its PBX, and nothing beside it."""

import subprocess
import sys
from pathlib import Path

from tests.landlock import NEEDS_LANDLOCK
from tests.unit.streams_calls_imported.pbx_sounds import wav

IMPORTER = """
import json, sys
from pathlib import Path
from rejent.kernel.clock import SystemClock
from rejent.streams.calls.player.workshop import SoundWorkshop
from rejent.vault.landlock import confine_recorder

directory, read, change, beside = map(Path, sys.argv[1:])
confine_recorder(directory, read=[str(read)], change=[str(change)])

def attempt(name, act):
    try:
        act()
    except OSError:
        print("refused", name)
    else:
        print("ALLOWED", name)

attempt("read", lambda: (read / "a.wav").read_bytes())
attempt("remove from what is only read", lambda: (read / "a.wav").unlink())
attempt("remove", lambda: (change / "b.wav").unlink())
attempt("beside", lambda: (beside / "c.wav").read_bytes())
attempt("key", lambda: (directory / "keys" / "root").read_bytes())
workshop = SoundWorkshop(SystemClock())
print(json.loads(workshop.measured((read / "a.wav").read_bytes()))["length"])
workshop.close()
"""


@NEEDS_LANDLOCK
def test_it_reaches_its_folders_and_no_key(tmp_path: Path) -> None:
    """It reads where it reads, removes only where the office said so, and its children decode all the same."""
    directory, read, change, beside = (tmp_path / name for name in ("office", "read", "change", "beside"))
    for folder in (read, change, beside, *(directory / name for name in ("catalog", "vault", "run", "keys"))):
        folder.mkdir(parents=True)
    for path in (read / "a.wav", change / "b.wav", beside / "c.wav", directory / "keys" / "root"):
        path.write_bytes(wav(1))
    command = [sys.executable, "-c", IMPORTER, *map(str, (directory, read, change, beside))]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert told == [
        "ALLOWED read",
        "refused remove from what is only read",
        "ALLOWED remove",
        "refused beside",
        "refused key",
        "1000000000",
    ]
