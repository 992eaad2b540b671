"""A recorder that may read files reads them anywhere but in the installation's own folder."""

import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import sys
from pathlib import Path
from rejent.vault.confine import confine_recorder
directory = Path(sys.argv[1])
if not confine_recorder(directory, reads_files=True).effective:
    sys.exit(3)
for path in map(Path, sys.argv[2:]):
    try:
        print(path.read_text())
    except PermissionError:
        print("refused")
"""


def test_only_what_lies_outside_is_read(tmp_path: Path) -> None:
    """A film beside the folder opens; keys, secrets and the configuration do not."""
    directory = tmp_path / "office"
    hidden = [directory / name / "file" for name in ("keys", "secrets", "ledger")]
    for path in [*hidden, *(directory / name / "file" for name in ("catalog", "vault", "run"))]:
        path.parent.mkdir(parents=True)
        path.write_text("secret", encoding="utf-8")
    (directory / "rejent.toml").write_text("secret", encoding="utf-8")
    film = tmp_path / "film"
    film.write_text("a film", encoding="utf-8")
    asked = [film, *hidden, directory / "rejent.toml"]
    done = subprocess.run(
        [sys.executable, "-c", LOOK, directory, *asked], capture_output=True, text=True, check=False
    )
    if done.returncode == 3:
        pytest.skip("this kernel has no Landlock")
    assert (done.stderr, done.stdout.splitlines()) == ("", ["a film", *["refused"] * 4])
