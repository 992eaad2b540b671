"""The processes that kinds of streams name are there, and none takes another's place."""

from collections import Counter
from inspect import signature
from pkgutil import resolve_name

import pytest

from rejent.recording.stream_parts import PROCESSES, RecorderProcess, processes


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
