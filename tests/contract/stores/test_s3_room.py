"""How full a bucket is: read by the keeper, told without a limit that nobody knows."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from rejent.vault.store.disk import DiskStore
from rejent.vault.store.s3 import S3Location, S3Store
from tests.installation import rejent

pytestmark = pytest.mark.s3


def test_a_bucket_is_read_and_said_to_have_no_known_limit(s3_server: S3Location, tmp_path: Path) -> None:
    """Before the keeper's first round nothing is read; after it the size stands there, what is to come, and no last day."""
    place = replace(s3_server, prefix=uuid.uuid4().hex)
    env = {"REJENT_S3_SECRET_KEY": place.secret_key}
    host = place.endpoint.removeprefix("http://")
    storage = f"s3+http://{place.access_key}@{host}/{place.bucket}/{place.prefix}"
    office = tmp_path / "office"
    made = rejent("init", office, "--regulation", "pleszew", "--test", "--storage", storage, env=env)
    assert made.status == 0, made
    (tmp_path / "spool").mkdir()
    with S3Store(place, DiskStore(tmp_path / "spool")).create("cam/2026-11-20/0001.age") as writer:
        writer.write(bytes(2_000_000))
        writer.commit()
    assert "storage: not read yet" in rejent("status", office, env=env).out
    assert rejent("keep", office, "--once", env=env).status == 0
    told = rejent("status", office, "--json", env=env).json["storage"]
    assert told["used"] >= 2_000_000
    assert (told["free"], told["days_left"], told["per_day"], told["to_come"]) == (None, None, 0, 0)
    assert "in its bucket, of which no limit is known" in rejent("status", office, env=env).out
