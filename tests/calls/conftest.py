"""The exchange that tests of calls share."""

from collections.abc import Iterator

import pytest

from tests.calls.exchange import NAME, Exchange, free_ports, until
from tests.calls.pbx import HOST
from tests.installation import CommandServer, another_office, running


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """The exchange at work; no keeper runs beside, so that the tests say when it does its round."""
    folder = tmp_path_factory.mktemp("exchange")
    office = another_office(folder / "office", regulation="walbrzych-mops")
    first = free_ports(42)
    with (office.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 2}, {first + 41}]\n")
    command = CommandServer(office)
    siprec = f"{HOST}:{first}"
    done = command(
        "source add", "--stream", "calls", "--name", NAME, "--siprec", siprec, "--numbers", "+48 74 841"
    )
    assert done.status == 0, done
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder") as program:
        program.until("calls.listening")
        made = Exchange(office, program, command, first, folder)
        until(lambda: made.state() == ("recording", ""))
        yield made
