"""A power cut in the middle of the database's last page: what was whole before it stands, and fsck names the rest."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.installation import Office, another_office, running
from tests.ports import free_port

PAGE = 4096


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose keeper was killed, so that its last transactions stand in the write-ahead log alone."""
    office = another_office(tmp_path_factory.mktemp("torn") / "office")
    office.add_camera("Hol", "rtsp://127.0.0.1:1/hol")
    with running(office, "--listen", f"127.0.0.1:{free_port()}") as program:
        children = [
            program.until("process.started", process=name)["pid"] for name in ("keeper", "recorder-0", "web")
        ]
        program.until("web.listening")
        program.process.send_signal(signal.SIGSTOP)
        for child in children:
            os.kill(child, signal.SIGKILL)
        program.process.kill()
    assert (office.directory / "catalog" / "catalog.db-wal").stat().st_size > PAGE
    return office


def torn(office: Office, folder: Path, missing: int, *, zeros: bool) -> Office:
    """A copy of the office with the end of its write-ahead log lost, or never written though its length is right."""
    shutil.copytree(office.directory, folder, ignore=shutil.ignore_patterns("*.sock"))
    with (folder / "catalog" / "catalog.db-wal").open("r+b") as log:
        length = log.seek(0, os.SEEK_END)
        log.truncate(max(length - missing, 0))
        if zeros:
            log.truncate(length)
    return Office(folder)


@pytest.mark.parametrize(
    ("missing", "zeros"),
    [(1, False), (PAGE // 2, True), (3 * PAGE + 17, False)],
    ids=["a-byte", "half-a-page-of-zeros", "pages"],
)
def test_a_torn_last_page_costs_what_it_held_and_no_more(
    cut_off: Office, tmp_path: Path, missing: int, *, zeros: bool
) -> None:
    """The office opens, a round of keepers passes, and fsck is clean or says that the ledger's files know more."""
    office = torn(cut_off, tmp_path / "office", missing, zeros=zeros)
    done = office.run("fsck", "--json")
    codes = {finding["code"] for finding in done.json["findings"]}
    assert (done.status, done.err) == (1 if codes else 0, "")
    assert all(code.startswith("registers.") for code in codes), codes
    if codes:
        assert office.run("restored", "--reason", "zanik zasilania").status == 0
    assert office.run("keep", "--once", "--json").json["failed"] == []
    assert office.run("fsck", "--json").json == {"clean": True, "findings": []}
