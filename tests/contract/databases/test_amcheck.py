"""Indexes are held against their tables by amcheck where PostgreSQL has it, as Debian's server does and the wheel's does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import postgres
from tests.contract.databases.conftest import ROOT

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
TESTS = ("test_amcheck_looks_at_every_index", "test_an_index_that_lies_is_named")


@pytest.mark.postgres
@pytest.mark.skipif(not SERVERS, reason="Debian's PostgreSQL is not installed")
def test_amcheck_of_debians_server_is_asked() -> None:
    """The tests of indexes that lie pass on it, none passed over."""
    with postgres.running(SERVERS[-1].parent) as server:
        environment = os.environ | {"REJENT_DATABASE_URL": postgres.new_database(server, "amcheck")}
        named = [f"tests/unit/registers/test_schema_checks.py::{each}" for each in TESTS]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named]
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
    assert f"{len(TESTS)} passed" in ran.stdout
