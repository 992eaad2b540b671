"""The file that says what an installation is: written once, read strictly."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError, RejentError
from rejent.office.gateway_address import GatewayAddress
from rejent.office.installation import FOLDERS, Installation, read_installation, write_installation
from tests.examples import examples

PROXIES = "[web]\ntrusted_proxies = ['127.0.0.1']"
CREATED = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SOUND = {
    "id": "0" * 32,
    "name": "x",
    "test": True,
    "created": CREATED.isoformat(),
}


def written(directory: Path, values: dict[str, object]) -> Path:
    """A folder with a configuration of these values."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    (directory / "rejent.toml").write_text("\n".join(lines), encoding="utf-8")
    return directory


def make(directory: Path, name: str = "Urząd") -> Installation:
    """A new installation."""
    return write_installation(
        directory, name=name, test=True, created=CREATED, database="", storage="s3+https://a@b/c"
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Every value comes back, and every folder is there for its owner alone."""
    made = make(tmp_path / "new" / "office")
    assert read_installation(tmp_path / "new" / "office") == made
    assert (made.name, made.test, made.created, made.storage) == ("Urząd", True, CREATED, "s3+https://a@b/c")
    assert len(made.id) == 32
    for folder in FOLDERS:
        assert stat.S_IMODE((made.directory / folder).stat().st_mode) == 0o700
    assert stat.S_IMODE((made.directory / "rejent.toml").stat().st_mode) == 0o600


def test_each_has_an_identifier_of_its_own(tmp_path: Path) -> None:
    """Two installations never share an identifier."""
    assert make(tmp_path / "a").id != make(tmp_path / "b").id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(50))
@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_name_survives(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Quotes, backslashes, control characters and every script come back as they were."""
    directory = tmp_path_factory.mktemp("named")
    assert make(directory, name).name == name


def test_a_second_installation_in_one_folder_is_refused(tmp_path: Path) -> None:
    """An existing configuration is left as it is."""
    first = make(tmp_path)
    with pytest.raises(ConflictError, match="already holds"):
        make(tmp_path)
    assert read_installation(tmp_path) == first


def test_a_folder_without_a_configuration_is_none(tmp_path: Path) -> None:
    """A missing folder and a file in its place are told alike."""
    (tmp_path / "file").touch()
    for directory in (tmp_path, tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(NotFoundError, match="not a Rejent installation"):
            read_installation(directory)


def test_the_section_of_the_pages_is_read(tmp_path: Path) -> None:
    """Proxies and the token stand in [web], which may be left out; the token shows in no representation."""
    web = {"trusted_proxies": ["127.0.0.1", "10.0.0.0/24"], "metrics_token": "tylko-dla-nadzoru"}
    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in web.items())
    file = written(tmp_path, SOUND) / "rejent.toml"
    assert read_installation(tmp_path).trusted_proxies == ()
    file.write_text(f"{file.read_text(encoding='utf-8')}\n[web]\n{text}\n", encoding="utf-8")
    read = read_installation(tmp_path)
    assert (read.trusted_proxies, read.metrics_token) == (("127.0.0.1", "10.0.0.0/24"), "tylko-dla-nadzoru")
    assert "tylko" not in repr(read)


def test_how_certificates_arrive_is_read(tmp_path: Path) -> None:
    """Files of the pages' own certificate, whether browsers are asked for theirs, and the header of a proxy."""
    file = written(tmp_path, SOUND) / "rejent.toml"
    read = read_installation(tmp_path)
    assert (read.tls_certificate, read.tls_key, read.client_certificates, read.station_header) == (
        "",
        "",
        False,
        "",
    )
    own = 'tls_certificate = "pages.pem"\ntls_key = "/etc/pages.key"\nclient_certificates = true'
    header = 'station_header = "X-Station-Certificate"'
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{PROXIES}\n{own}\n{header}\n", encoding="utf-8")
    read = read_installation(tmp_path)
    assert (read.tls_certificate, read.tls_key) == ("pages.pem", "/etc/pages.key")
    assert read.client_certificates
    assert read.station_header == "x-station-certificate"


def test_where_devices_reach_the_office_is_read(tmp_path: Path) -> None:
    """Where the gateway listens and what devices call it; without the section there is none, and a wrong one is named."""
    file = written(tmp_path, SOUND) / "rejent.toml"
    sound = file.read_text(encoding="utf-8")
    assert read_installation(tmp_path).gateway is None
    file.write_text(
        f'{sound}\n[gateway]\nlisten = "[::]:8443"\nnames = ["rejent.urzad.example", "10.0.0.5"]\n',
        encoding="utf-8",
    )
    assert read_installation(tmp_path).gateway == GatewayAddress(
        "::", 8443, ("rejent.urzad.example", "10.0.0.5")
    )
    for lines, key in (
        ('names = ["a"]', "gateway.listen"), ('listen = "8443"\nnames = ["a"]', "gateway.listen"), ('listen = ":1"\nnames = ["a"]', "gateway.listen"),
        ('listen = "a:1"', "gateway.names"), ('listen = "a:1"\nnames = []', "gateway.names"), ('listen = "a:1"\nnames = ["a b"]', "gateway.names"),
        ('listen = "a:1"\nnames = [7]', "gateway.names"), ('listen = "a:1"\nnames = ["a"]\nport = 1', "gateway.port"),
    ):  # fmt: skip
        file.write_text(f"{sound}\n[gateway]\n{lines}\n", encoding="utf-8")
        with pytest.raises(InputRefusedError, match=key):
            read_installation(tmp_path)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("web = 3", "web"),
        ("[web]\ntrusted_proxies = ['proxy.example']", "web.trusted_proxies"),
        ("[web]\ntrusted_proxies = ['10.0.0.1/24']", "web.trusted_proxies"),
        ("[web]\ntrusted_proxies = '127.0.0.1'", "web.trusted_proxies"),
        ("[web]\nmetrics_token = 'short'", "web.metrics_token"),
        ("[web]\nmetrics_token = 7", "web.metrics_token"),
        ("[web]\ntls_certificate = 'pages.pem'", "web.tls_key"),
        ("[web]\ntls_key = 'pages.key'", "web.tls_certificate"),
        ("[web]\ntls_certificate = 1\ntls_key = 'pages.key'", "web.tls_certificate"),
        ("[web]\nclient_certificates = true", "web.tls_certificate"),
        ("[web]\nclient_certificates = 'yes'", "web.client_certificates"),
        ("[web]\nstation_header = 'X-Station-Certificate'", "web.station_header"),
        (f"{PROXIES}\nstation_header = 'X_Station_Certificate'", "web.station_header"),
        (f"{PROXIES}\nstation_header = 'X-Station-Certificate:'", "web.station_header"),
        (f"{PROXIES}\nstation_header = 'Certificate'", "web.station_header"),
    ],
)
def test_a_wrong_section_of_the_pages_is_named(tmp_path: Path, line: str, key: str) -> None:
    """What is no address, no network or too short a token is refused with its key."""
    file = written(tmp_path, SOUND) / "rejent.toml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputRefusedError, match=f"lacks or misstates {key}"):
        read_installation(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "../../etc"), ("id", "0" * 31), ("id", 7), ("name", 7), ("test", "false"), ("test", 1), ("test", "yes"),
        ("created", "yesterday"), ("created", "2026-11-21T12:00:00"), ("created", 5), ("database", 1), ("storage", []),
        ("secure_cookies", "no"), ("hosts", "example.test"), ("hosts", [1]), ("witness", True),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, key: str, value: object) -> None:
    """Nothing is guessed: the text "false" is no truth value, a number no name; the key is named."""
    with pytest.raises(InputRefusedError, match=f"lacks or misstates {key}"):
        read_installation(written(tmp_path, SOUND | {key: value}))


@pytest.mark.parametrize("key", list(SOUND))
def test_a_missing_value_is_refused(tmp_path: Path, key: str) -> None:
    """Each of the four values must be there."""
    with pytest.raises(InputRefusedError, match=key):
        read_installation(written(tmp_path, {name: value for name, value in SOUND.items() if name != key}))


def test_a_configuration_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    """What cannot be opened is refused with the system's reason."""
    (tmp_path / "rejent.toml").mkdir()
    with pytest.raises(InputRefusedError, match="Is a directory"):
        read_installation(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(100))
@given(
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_other_content_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    """Whatever the file holds, there is an error of ours with one line."""
    (tmp_path / "rejent.toml").write_bytes(content)
    with pytest.raises(RejentError) as refused:
        read_installation(tmp_path)
    assert len(str(refused.value).splitlines()) == 1


def test_lists_without_end_are_refused(tmp_path: Path) -> None:
    """Nesting deeper than a parser can follow is refused like any other mistake."""
    (tmp_path / "rejent.toml").write_text("hosts = " + "[" * 100_000, encoding="utf-8")
    with pytest.raises(InputRefusedError):
        read_installation(tmp_path)


def test_created_keeps_its_offset(tmp_path: Path) -> None:
    """The instant is read with the offset it was written with."""
    read = read_installation(written(tmp_path, SOUND | {"created": "2026-11-21T13:00:00+01:00"}))
    assert read.created - CREATED == timedelta()
