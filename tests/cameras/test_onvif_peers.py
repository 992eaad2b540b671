"""Our ONVIF client against somebody else's camera, and our stub against somebody else's client."""

import importlib.util
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cameras.onvif_stub import PASSWORD, USER, Behaviour, OnvifStub
from tests.waiting import CEILING_S

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / "var" / "peers"


@pytest.fixture(scope="session")
def ipycam():
    """A Python that has ipycam: named by REJENT_IPYCAM_PYTHON, or installed once under var/peers."""
    given = os.environ.get("REJENT_IPYCAM_PYTHON")
    python = Path(given) if given else PEERS / "ipycam" / "bin" / "python"
    if not python.exists():
        steps = [
            [sys.executable, "-m", "venv", python.parents[1]],
            [python, "-m", "pip", "install", "-q", "ipycam==1.3.0"],
        ]
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False, timeout=CEILING_S)
            if done.returncode:
                pytest.skip(f"ipycam cannot be installed: {done.stderr.strip()[-200:]}")
    if subprocess.run([python, "-c", "import ipycam"], capture_output=True, check=False).returncode:
        pytest.skip("ipycam is installed but cannot be imported")
    return python


@pytest.fixture(scope="session")
def own_network():
    """The words before a command that give it a network of its own, with nothing but loopback."""
    prepare = 'ip link set lo up && ip route add 239.0.0.0/8 dev lo && exec "$@"'
    words = ["unshare", "-n", "sh", "-c", prepare, "sh"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network of its own can be made here (unshare -n)")
    return words


@pytest.mark.cameras
def test_a_foreign_camera_is_found_and_understood(ipycam, own_network, tmp_path):
    """Ipycam is discovered, its clock compared, its login used, its profiles and stream read."""
    picture = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=320x240:rate=10",
        "-t",
        "1",
        "-pix_fmt",
        "yuv420p",
    ]
    subprocess.run([*picture, tmp_path / "picture.mp4"], check=True)
    visit = [*own_network, sys.executable, HERE / "onvif_peer_visit.py", ipycam, tmp_path]
    done = subprocess.run(visit, capture_output=True, text=True, check=False, timeout=CEILING_S)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["name"] == "Peer"
    assert abs(said["offset"]) <= said["uncertainty"]
    assert said["model"] == "VirtualCam-1"
    assert said["profiles"] == [["H264", 320, 240], ["H264", 160, 120]]
    assert said["stream"].startswith("rtsp://127.0.0.1:8554/video_main")
    assert not said["elsewhere"]
    assert said["refused"]


@pytest.mark.skipif(importlib.util.find_spec("onvif") is None, reason="onvif-zeep-async is not installed")
def test_a_foreign_client_understands_our_stub(tmp_path):
    """onvif-zeep-async, which reads by the published WSDL, gets from the stub what our client gets."""
    with OnvifStub(Behaviour(login="token", now=datetime.now(UTC).replace(year=2031))) as stub:
        ask = [sys.executable, HERE / "onvif_peer_ask.py", str(stub.port), USER, PASSWORD]
        done = subprocess.run(
            ask,
            capture_output=True,
            text=True,
            check=False,
            timeout=CEILING_S,
            env={**os.environ, "HOME": str(tmp_path)},
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "model": "S-1",
        "profiles": ["main", "sub", "sound"],
        "height": 1080,
        "uri": "rtsp://127.0.0.1:554/stream1",
    }
