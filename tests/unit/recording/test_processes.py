"""The processes that kinds of streams name are there, and none takes another's place."""

import subprocess
import sys
from collections import Counter
from inspect import signature
from pkgutil import resolve_name

import pytest

from rejent.recording.stream_parts import PROCESSES, RecorderProcess, processes
from tests.installation import environment


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
@pytest.mark.django_db
def test_what_a_process_runs_takes_its_arguments(process: RecorderProcess) -> None:
    """It is a function that gives an exit status; of an office without sources none is wanted."""
    run = resolve_name(process.run)
    assert signature(run).return_annotation is int
    assert list(process.wanted()) == []


def test_no_two_processes_share_a_name() -> None:
    """Every kind records by itself, and nothing is called like the web or the keeper."""
    names = Counter(each.name for each in processes())
    assert len(list(PROCESSES)) > 1
    assert set(names.values()) == {1}
    assert not names.keys() & {"web", "keeper"}


LOADED = """
import sys
from rejent.cli.command_setup import set_up_alone
set_up_alone()
import rejent.ops.program
sys.exit("psycopg" in sys.modules)
"""


def test_an_office_on_sqlite_loads_no_driver_of_postgresql() -> None:
    """Each of its processes does without the 10 MB that it takes."""
    done = subprocess.run([sys.executable, "-c", LOADED], check=False, env=environment())
    assert done.returncode == 0
