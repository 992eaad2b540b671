"""A recorder that may read files reads them anywhere but in the installation's own folder."""

import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import sys
from pathlib import Path
from rejent.vault.landlock import confine_recorder
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


TRY = """
import sys
from pathlib import Path
from {module} import confine
confine({argument})
for path in map(Path, sys.argv[1:]):
    for attempt in (path.read_text, path.unlink, lambda: path.rename(path.with_suffix(".x")), path.with_name("new").mkdir):
        try:
            attempt()
            print("done")
        except PermissionError:
            print("refused")
"""


@pytest.mark.parametrize(
    ("module", "argument"),
    [
        ("rejent.streams.cameras.network.libav.reader", "'http://127.0.0.1/'"),
        ("rejent.content.workshop_child", "1 << 30"),
    ],
)
def test_who_takes_pictures_apart_reads_no_key_and_removes_no_recording(
    tmp_path: Path, module: str, argument: str
) -> None:
    """Neither reading nor removing, renaming or making anything is left to a process in which a hostile picture is decoded."""
    if not _landlock():
        pytest.skip("this kernel has no Landlock")
    recording = tmp_path / "recording"
    recording.write_text("sealed", encoding="utf-8")
    attack = TRY.format(module=module, argument=argument)
    done = subprocess.run(
        [sys.executable, "-c", attack, recording], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.splitlines()) == ("", ["refused"] * 4)
    assert recording.read_text(encoding="utf-8") == "sealed"


def _landlock() -> bool:
    """Whether this kernel confines at all."""
    ask = "import sys; from rejent.vault.landlock import confine_reader; sys.exit(not confine_reader().effective)"
    return subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0
