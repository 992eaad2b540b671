"""Logs: one JSON object a line, the kind and place of an error, never its words or its trace."""

import json
import subprocess
import sys

from tests.installation import HERE, environment

SPEAK = """
import logging, structlog, threading
from rejent.ops.logs import configure_logs
configure_logs(process="web")
thread = threading.Thread(target=structlog.get_logger().info, args=("hello",), kwargs={"count": 3})
thread.start()
thread.join()
structlog.get_logger().debug("unheard")
logging.getLogger("library").info("unheard too")
def fail():
    raise ValueError("password Sekret-7")
try:
    fail()
except ValueError:
    structlog.get_logger().exception("ours")
    logging.getLogger("library").exception("theirs %s", "told")
"""


def lines(**env: str) -> list[str]:
    """What a program that logs writes to standard error."""
    done = subprocess.run(
        [sys.executable, "-c", SPEAK], capture_output=True, text=True, check=True, env=environment(**env), cwd=HERE
    )  # fmt: skip
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_is_one_object_with_instant_level_and_process() -> None:
    """Own lines, those of other threads and libraries' alike; what is below the level is not written."""
    told = [json.loads(line) for line in lines()]
    assert [each["event"] for each in told] == ["hello", "ours", "theirs told"]
    assert told[0]["count"] == 3
    assert all(each["timestamp"].endswith("Z") and each["process"] == "web" for each in told)


def test_an_error_is_told_by_kind_and_place_alone() -> None:
    """Its text may hold a secret; kind, module and line do not."""
    for told in map(json.loads, lines()[1:]):
        assert (told["error"], told["at"]) == ("ValueError", "__main__:11")
        assert told["level"] == "error"
    assert not any("Sekret" in line or "Traceback" in line for line in lines())


def test_a_trace_is_written_when_asked_for() -> None:
    """REJENT_TRACEBACK lets both errors through with all they carry."""
    assert sum("Sekret-7" in line for line in lines(REJENT_TRACEBACK="1")) == 2
