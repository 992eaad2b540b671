"""A hold and a destruction in the same moment, on both databases: whoever commits first wins, and nobody loses silently."""

from pathlib import Path

import psycopg

from tests.forked import ForkedModule, run_module

HOLDING = "tests.contract.databases.holding"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def test_a_destruction_waits_for_a_hold_that_is_being_placed(
    environment: dict[str, str], database: str, tmp_path: Path
) -> None:
    """The keeper comes to the point of no return while the hold is not committed yet: it waits, and the minute survives."""
    folder = tmp_path / "objects"
    camera = run_module(HOLDING, "prepare", folder, env=environment).strip()
    with ForkedModule(HOLDING, "hold", folder, camera, env=environment) as holding:
        assert holding.stdout.readline().strip() == "placed"
        with ForkedModule(HOLDING, "keep", folder, env=environment) as keeping:
            if database:
                until_somebody_waits(database)
            holding.communicate("commit\n")
            kept = keeping.communicate()[0]
    assert (holding.returncode, keeping.returncode) == (0, 0)
    assert kept.strip() == "1 []"
    assert "held@59" in run_module(HOLDING, "shown", folder, camera, env=environment)


def test_a_hold_waits_for_a_destruction_that_has_begun_and_is_refused(
    environment: dict[str, str], database: str, tmp_path: Path
) -> None:
    """It comes after the point of no return, which is not committed yet: it is told that the minute is gone, and keeps nothing."""
    folder = tmp_path / "objects"
    camera = run_module(HOLDING, "prepare", folder, env=environment).strip()
    with ForkedModule(HOLDING, "die", folder, env=environment) as dying:
        assert dying.stdout.readline().strip() == "dying"
        with ForkedModule(HOLDING, "hold", folder, camera, env=environment) as holding:
            if database:
                until_somebody_waits(database)
            done = dying.communicate("commit\n")[0]
            refused = holding.communicate()[0]
    assert (dying.returncode, holding.returncode) == (0, 0)
    assert (done.strip(), refused.strip()) == ("[]", "retention.destroyed")
    assert run_module(HOLDING, "shown", folder, camera, env=environment).strip() == "[]"


def until_somebody_waits(address: str) -> None:
    """Until a transaction of the server waits for another one's lock."""
    with psycopg.connect(address, autocommit=True) as server:
        while not (found := server.execute(WAITING).fetchone()) or found[0] == 0:
            server.execute("SELECT pg_sleep(0.02)")
