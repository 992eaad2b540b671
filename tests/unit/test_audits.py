"""What continuous integration looks for before any test runs: secrets in files, and pins that something is known of."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tools"))

import audit_dependencies  # noqa: E402 - the tools are no package
import scan_secrets  # noqa: E402 - the tools are no package

KEY = "-----BEGIN PRIVATE " + "KEY-----\nMIGHAgEAMBMGByqGSM49\n"
TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
PASSWORD = 'password = "' + 'quiet-otter-71"\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty tree under git, with nothing accepted."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / scan_secrets.BASELINE).write_text("[]", encoding="utf-8")
    return tmp_path


def planted(tree: Path, name: str, content: str) -> None:
    """Put a file into the tree."""
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    subprocess.run(["git", "add", name], cwd=tree, check=True)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("src/rejent/key.py", f'"""A key."""\n{KEY}', "src/rejent/key.py:2: Private Key"),
        ("docs/guide.md", f"Use {TOKEN}\n", "docs/guide.md:1: GitHub Token"),
        ("tests/test_token.py", f"TOKEN = '{TOKEN}'\n", "tests/test_token.py:1: GitHub Token"),
        ("deploy.toml", PASSWORD, "deploy.toml:1: Secret Keyword"),
    ],
)
def test_a_planted_secret_fails_the_scan(
    name: str, content: str, kind: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key, a token or a password in a file that git knows is named by file, line and kind, and never repeated."""
    planted(tree, "README.md", "Nothing here.\n")
    assert scan_secrets.main(tree) == 0
    planted(tree, name, content)
    assert scan_secrets.main(tree) == 1
    said = capsys.readouterr().out
    assert kind in said
    assert TOKEN not in said
    assert "otter" not in said


def test_what_was_looked_at_is_no_finding_until_it_changes(tree: Path) -> None:
    """Accepted is a text in a file, wherever in it: another text there, or the same elsewhere, is found again."""
    planted(tree, "deploy.toml", PASSWORD)
    assert scan_secrets.main(tree, accept=True) == 0
    planted(tree, "deploy.toml", f"\n\n{PASSWORD}")
    assert scan_secrets.main(tree) == 0
    planted(tree, "other.toml", PASSWORD)
    assert scan_secrets.main(tree) == 1


def test_a_password_that_a_test_makes_up_is_no_finding(tree: Path) -> None:
    """Tests are searched for the shapes of real keys only."""
    planted(tree, "tests/test_signing_in.py", PASSWORD)
    assert scan_secrets.main(tree) == 0


class Index(BaseAdapter):
    """A package index that answers as it is told: by address, or not at all."""

    def __init__(self, answers: dict[str, Any] | None) -> None:
        super().__init__()
        self.answers = answers

    def send(self, request: requests.PreparedRequest, **_kwargs: object) -> requests.Response:
        """Answer."""
        if self.answers is None:
            raise requests.ConnectionError
        path = str(request.path_url).removeprefix("/pypi/").removesuffix("/json")
        response = requests.Response()
        response.request, response.url = request, str(request.url)
        response.status_code = 200 if path in self.answers else 404
        response._content = json.dumps(self.answers.get(path, {})).encode()
        return response

    def close(self) -> None:
        """Nothing is open."""


def known(identifier: str, withdrawn: str | None = None) -> dict[str, Any]:
    """A vulnerability as the index tells it."""
    return {
        "id": identifier, "aliases": [], "details": "Reads too far.", "summary": None, "fixed_in": ["2.0"], "withdrawn": withdrawn,
    }  # fmt: skip


def release(version: str, *vulnerabilities: dict[str, Any], yanked: bool = False) -> dict[str, Any]:
    """An answer about a release, or about a project whose newest release it is."""
    files = [{"yanked": yanked}]
    return {
        "info": {"version": version}, "vulnerabilities": list(vulnerabilities), "urls": files, "releases": {version: files},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "findings", "told", "unasked"),
    [
        ({"a/1.0": release("1.0"), "b/2.0": release("2.0")}, [], [], []),
        ({"a/1.0": release("1.0", known("X-1")), "b/2.0": release("2.0", known("X-2"))}, ["a 1.0: X-1"], ["b 2.0: X-2"], []),
        ({"a": release("1.0", known("X-1")), "b": release("2.0")}, ["a 1.0: X-1"], [], []),
        ({"a": release("1.1", known("X-1")), "b": release("2.0")}, [], [], ["a"]),
        ({"a/1.0": release("1.0", known("X-1", withdrawn="2026-01-01")), "b/2.0": release("2.0")}, [], [], []),
        ({"a/1.0": release("1.0", yanked=True), "b/2.0": release("2.0")}, ["a 1.0: taken back"], [], []),
        (None, [], [], ["a", "b"]),
    ],
    ids=["clean", "known", "known of the newest", "older than the newest", "withdrawn", "taken back", "no index"],
)  # fmt: skip
def test_a_pin_is_judged_by_what_the_index_says_of_it(
    answers: dict[str, Any] | None, findings: list[str], told: list[str], unasked: list[str], tmp_path: Path
) -> None:
    """What offices run fails the build, what developers run is told, and what could not be asked is not called clean."""
    (tmp_path / "run.txt").write_text("a==1.0 \\\n    --hash=sha256:00\n", encoding="ascii")
    (tmp_path / "dev.txt").write_text("a==1.0 \\\n    --hash=sha256:00\nb==2.0 \\\n", encoding="ascii")
    session = requests.Session()
    session.mount("https://", Index(answers))
    found = audit_dependencies.audit(sorted(tmp_path.glob("*.txt")), session)
    for lines, expected in ((found.findings, findings), (found.told, told)):
        assert len(lines) == len(expected)
        assert all(line.startswith(start) for line, start in zip(lines, expected, strict=True))
    assert found.unasked == unasked
    assert f"{2 - len(unasked)} of 2 pins asked about" in list(found.lines())[-1]


def test_of_a_pin_that_could_not_be_asked_a_later_release_of_its_series_is_told(tmp_path: Path) -> None:
    """Neither a later series nor what was taken back nor a release before its time counts as one."""
    (tmp_path / "run.txt").write_text("a==5.2.1\nb==1.0\n", encoding="ascii")
    kept, taken = [{"yanked": False}], [{"yanked": True}]
    releases = {"5.2.1": kept, "5.2.3": kept, "5.2.4": taken, "5.2.5rc1": kept, "6.0": kept, "5.2.9": []}
    answers = {"a": release("6.0") | {"releases": releases}, "b": release("2.0")}
    session = requests.Session()
    session.mount("https://", Index(answers))
    found = audit_dependencies.audit([tmp_path / "run.txt"], session)
    assert found.later == {"a": "5.2.3"}
    assert "a: 5.2.3 of its series is out" in list(found.lines())


def test_every_pin_has_its_hash() -> None:
    """No line of a lock installs what was not locked."""
    for lock in sorted(audit_dependencies.LOCKS.glob("*.txt")):
        blocks = lock.read_text(encoding="ascii").replace("\\\n", " ").splitlines()
        named = [line for line in blocks if line and not line.lstrip().startswith("#")]
        assert named
        assert all("==" in line and "--hash=sha256:" in line for line in named), lock.name
