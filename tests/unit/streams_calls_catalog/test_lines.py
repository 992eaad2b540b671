"""Lines: their addresses, how they are added and changed, and which of their time is missing."""

from collections.abc import Iterable
from typing import Any

import pytest

from rejent.catalog import queries, services
from rejent.catalog.errors import AddressRefusedError, SourceNameTakenError, SourceRefusedError
from rejent.kernel.clock import ManualClock
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import (
    LineAddress,
    StatedLine,
    changed_line,
    line_address,
    read_line,
    stated_line,
)
from rejent.streams.calls.catalog.lines.parts import Undecided
from tests.unit.catalog.conftest import OpenBox
from tests.unit.streams_calls_catalog.lined import LOOPBACK, added, line

__all__ = ["line"]


def siprec(
    place: str = LOOPBACK, numbers: Iterable[str] = ("12",), callers: Iterable[str] = (), **more: Any
) -> LineAddress:
    """A line whose calls are handed over."""
    return line_address(StatedLine(siprec=place, numbers=tuple(numbers), callers=tuple(callers), **more))


def mirror(interface: str = "eth1", numbers: Iterable[str] = ("12",), **more: Any) -> LineAddress:
    """A line whose calls are seen."""
    return line_address(StatedLine(mirror=interface, numbers=tuple(numbers), **more))


def spelled(address: LineAddress) -> tuple[str, LineAddress, LineAddress]:
    """How an address is written, and what comes back from that and from what it states."""
    return address.text, read_line(address.text), line_address(stated_line(address.text))


@pytest.mark.parametrize(
    ("place", "numbers", "callers", "text"),
    [
        (LOOPBACK, ["+48 75 734"], [], "siprec://127.0.0.1:5060?numbers=+4875734&from=127.0.0.1"),
        ("localhost:1", ["0048 (75) 734-1"], [], "siprec://127.0.0.1:1?numbers=+48757341&from=127.0.0.1"),
        ("[2001:db8::5]:5060", ["12", "12"], ["2001:db8::/64"], "siprec://[2001:db8::5]:5060?numbers=12&from=2001:db8::/64"),
        ("siprecs://192.0.2.5:5061", ["12"], ["192.0.2.7"], "siprecs://192.0.2.5:5061?numbers=12&from=192.0.2.7"),
        ("siprecs://[::1]:5061", ["12"], [], "siprecs://[::1]:5061?numbers=12&from=::1"),
        ("192.0.2.5:5060", ["075 734"], ["192.0.2.7/24 "], "siprec://192.0.2.5:5060?numbers=75734&from=192.0.2.0/24"),
    ],
)  # fmt: skip
def test_whatever_the_spelling_a_line_has_one_address(
    place: str, numbers: list[str], callers: list[str], text: str
) -> None:
    """Numbers, networks and hosts come to one spelling, and the address reads back as what it was made of."""
    address = siprec(place, numbers, callers)
    assert spelled(address) == (text, address, address)


def test_the_rule_for_undecided_calls_stands_in_the_address() -> None:
    """Refusing them is told by the address; recording them is what an address without a word about it means."""
    refusing = siprec(undecided="refuse")
    assert refusing.text.endswith("&undecided=refuse")
    assert read_line(refusing.text).undecided is Undecided.REFUSE


def test_the_key_that_refuses_stands_in_the_address() -> None:
    """It reads back as the digit that was given; an address without a word about it has none."""
    refusable = siprec(refusal=" 9 ")
    assert refusable.text.endswith("&refusal=9")
    assert read_line(refusable.text).refusal == "9"
    assert not siprec().refusal


def test_the_ports_of_its_speech_stand_in_the_address() -> None:
    """As a range of its own; stated empty they are the installation's again, left out they stay."""
    own = siprec(rtp_ports=" 21000 - 21099 ")
    assert own.text.endswith("&rtp=21000-21099")
    assert spelled(own) == (own.text, own, own)
    assert changed_line(own, StatedLine(numbers=("13",))).text.endswith("&rtp=21000-21099")
    assert "rtp" not in changed_line(own, StatedLine(rtp_ports="")).text


@pytest.mark.parametrize(
    "ports", ["21000", "21000-", "21003-21000", "21001-21004", "80-99", "65530-65536", "x-y"]
)
def test_what_is_no_range_of_ports_is_refused(ports: str) -> None:
    """Four at least for a call of two parties, that a recorder may open."""
    with pytest.raises(AddressRefusedError, match="no range of ports"):
        siprec(rtp_ports=ports)


@pytest.mark.parametrize("key", ["*", "12", "x", "٣"])
def test_a_key_that_is_no_digit_is_refused(key: str) -> None:
    """The star plays the clause; letters and several digits are no key at all."""
    with pytest.raises(AddressRefusedError):
        siprec(refusal=key)


@pytest.mark.parametrize(
    "stated",
    [
        (LOOPBACK, [], []),
        (LOOPBACK, [""], []),
        (LOOPBACK, ["7x"], []),
        (LOOPBACK, ["+"], []),
        (LOOPBACK, ["1" * 16], []),
        (LOOPBACK, ["12"], ["pbx"]),
        (LOOPBACK, [str(number) for number in range(100, 300)], []),
        ("192.0.2.5:5060", ["12"], []),
        ("0.0.0.0:5060", ["12"], ["192.0.2.1"]),
        ("224.0.0.1:5060", ["12"], ["192.0.2.1"]),
        ("pbx.example.org:5060", ["12"], ["192.0.2.1"]),
        ("127.0.0.1", ["12"], []),
        ("127.0.0.1:0", ["12"], []),
        ("127.0.0.1:65536", ["12"], []),
        ("::1:5060", ["12"], []),
    ],
)
def test_what_is_no_line_is_refused(stated: tuple[str, list[str], list[str]]) -> None:
    """A place nobody can send to, a number that is none and callers that are no addresses are refused."""
    with pytest.raises(AddressRefusedError):
        siprec(*stated)


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        (StatedLine(mirror=" eth1 ", numbers=("+48 75 734",)), "mirror://eth1?numbers=+4875734"),
        (
            StatedLine(mirror="br-1.5", numbers=("12",), sip_ports=("5060", "05080"), trunk=("192.0.2.9/24",), undecided="refuse"),
            "mirror://br-1.5?numbers=12&sip=5060,5080&trunk=192.0.2.0/24&undecided=refuse",
        ),
    ],
)  # fmt: skip
def test_a_line_behind_a_mirror_port_has_one_address(stated: StatedLine, text: str) -> None:
    """Interface, ports of SIP and the trunk stand in it, and it reads back as what it was made of."""
    address = line_address(stated)
    assert spelled(address) == (text, address, address)


@pytest.mark.parametrize(
    "stated",
    [
        {"interface": "eth1/../x"},
        {"interface": "a" * 16},
        {"interface": "eth 1"},
        {"interface": ".."},
        {"numbers": ()},
        {"sip_ports": ("0",)},
        {"sip_ports": ("65536",)},
        {"sip_ports": ("sip",)},
        {"sip_ports": tuple(map(str, range(1, 20)))},
        {"trunk": ("sbc.example.org",)},
        {"callers": ("192.0.2.1",)},
    ],
)
def test_what_is_no_line_behind_a_mirror_port_is_refused(stated: dict[str, Any]) -> None:
    """A name that no interface has, ports that are none, a trunk by name, and what lines of another kind have are refused."""
    with pytest.raises(AddressRefusedError):
        mirror(**stated)


@pytest.mark.parametrize(
    "stated", [StatedLine(numbers=("12",)), StatedLine(siprec=LOOPBACK, mirror="eth1", numbers=("12",))]
)
def test_a_line_has_one_way_by_which_its_calls_come(stated: StatedLine) -> None:
    """None and two are refused."""
    with pytest.raises(AddressRefusedError):
        line_address(stated)


def test_a_line_needs_no_place(line: str, clock: ManualClock) -> None:
    """It is listed without building, place and kind, shows its address, and its name is taken."""
    found = queries.source(line, with_secret_places=True)
    assert (found.stream, found.building, found.place, found.kind) == ("calls", "", "", "")
    assert found.address_shown == "siprec://127.0.0.1:5060?numbers=+4875734&from=127.0.0.1"
    with pytest.raises(SourceNameTakenError):
        added("Switchboard", clock)


def test_only_what_is_stated_of_a_line_is_changed(line: str, clock: ManualClock) -> None:
    """Other callers leave address, numbers and rule; nothing at all is refused, and so is a change without a word."""

    def change(**stated: Any) -> None:
        call_services.change_line(line, StatedLine(**stated), clock=clock, actor="")

    change(callers=("192.0.2.1",))
    assert queries.source(line).address_shown == "siprec://127.0.0.1:5060?numbers=+4875734&from=192.0.2.1"
    change(siprec="127.0.0.1:5080", undecided="refuse")
    assert queries.source(line).address_shown.startswith(
        "siprec://127.0.0.1:5080?numbers=+4875734&from=192.0.2.1"
    )
    change(refusal="9")
    assert queries.source(line).address_shown.endswith("&undecided=refuse&refusal=9")
    change(refusal="")
    assert queries.source(line).address_shown.endswith("&undecided=refuse")
    with pytest.raises(SourceRefusedError):
        change()
    with pytest.raises(AddressRefusedError):
        change(mirror="eth1")
    with pytest.raises(SourceRefusedError):
        services.change_source(
            line, address="rtsp://192.0.2.7/", clock=clock, actor="", credentials_box=OpenBox()
        )


def test_lines_have_a_recorder_of_their_own(line: str) -> None:
    """A line is given to the recorder of calls and to no recorder of cameras."""
    assert [each.id for each in queries.recorder_sources(stream="calls")] == [line]
    assert queries.recorder_sources(stream="video") == []
    assert queries.recorder_slots(32, stream="video") == 0


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        (
            StatedLine(folder="/srv/pbx/monitor/", form="asterisk", numbers=("+48 74 841",)),
            "folder:///srv/pbx/monitor?numbers=+4874841&format=asterisk",
        ),
        (
            StatedLine(
                folder="/srv/moja centrala?&#", form="csv", numbers=("12",), records="/srv/cdr & co.csv", zone="utc",
                columns=("start=Data i godzina", "caller=Kto"), undecided="refuse", remove="booked",
            ),
            (
                "folder:///srv/moja%20centrala%3F%26%23?numbers=12&remove=booked&undecided=refuse&format=csv"
                "&records=/srv/cdr%20%26%20co.csv&columns=caller%3DKto%3Bstart%3DData%20i%20godzina&zone=utc"
            ),
        ),
        (
            StatedLine(siprec=LOOPBACK, numbers=("12",), records="/srv/Master.csv", form="asterisk"),
            "siprec://127.0.0.1:5060?numbers=12&from=127.0.0.1&format=asterisk&records=/srv/Master.csv",
        ),
    ],
)  # fmt: skip
def test_a_folder_and_call_records_stand_in_the_address(stated: StatedLine, text: str) -> None:
    """Whatever signs a path or a heading has, the address reads back as what it was made of."""
    address = line_address(stated)
    assert spelled(address) == (text, address, address)


@pytest.mark.parametrize(
    "stated",
    [
        StatedLine(folder="/srv/pbx", numbers=("12",)),
        StatedLine(folder="srv/pbx", form="csv", numbers=("12",)),
        StatedLine(folder="/", form="csv", numbers=("12",)),
        StatedLine(folder="/srv/../etc", form="csv", numbers=("12",)),
        StatedLine(folder="/srv/a\nb", form="csv", numbers=("12",)),
        StatedLine(folder="/srv/pbx", form="platan", numbers=("12",)),
        StatedLine(folder="/srv/pbx", form="csv", numbers=("12",), zone="mars"),
        StatedLine(folder="/srv/pbx", form="csv", numbers=("12",), columns=("start",)),
        StatedLine(folder="/srv/pbx", form="csv", numbers=("12",), columns=("colour=Red",)),
        StatedLine(folder="/srv/pbx", form="csv", numbers=("12",), refusal="9"),
        StatedLine(folder="/srv/pbx", form="csv", numbers=("12",), remove="at-once"),
        StatedLine(folder="/srv/pbx", form="csv", numbers=("12",), siprec=LOOPBACK),
        StatedLine(siprec=LOOPBACK, numbers=("12",), remove="booked"),
        StatedLine(siprec=LOOPBACK, numbers=("12",), records="/srv/Master.csv"),
    ],
)
def test_a_folder_that_cannot_be_one_is_refused(stated: StatedLine) -> None:
    """No path from the root on, nobody's form, a key nobody can press, or options of another kind of line."""
    with pytest.raises(AddressRefusedError):
        line_address(stated)


def test_whether_files_are_removed_may_be_changed_back(line: str, clock: ManualClock) -> None:
    """Of a folder line everything may be changed, and what is left out stays; a line of sessions becomes none."""
    stated = StatedLine(folder="/srv/pbx", form="yeastar", numbers=("12",), remove="booked")
    made = call_services.add_line(name="Registry", stated=stated, clock=clock, actor="")
    call_services.change_line(made, StatedLine(records="/srv/cdr.csv", zone="utc"), clock=clock, actor="")
    shown = queries.source(made).address_shown
    assert shown == "folder:///srv/pbx?numbers=12&remove=booked&format=yeastar&records=/srv/cdr.csv&zone=utc"
    call_services.change_line(made, StatedLine(remove="never"), clock=clock, actor="")
    assert "remove" not in queries.source(made).address_shown
    with pytest.raises(AddressRefusedError):
        call_services.change_line(line, StatedLine(folder="/srv/pbx"), clock=clock, actor="")


@pytest.mark.parametrize("folder", ["/srv/pbx", "/srv//pbx/./", "/srv/pbx/monitor", "/srv"])
@pytest.mark.usefixtures("line")
def test_no_two_lines_read_one_folder(clock: ManualClock, folder: str) -> None:
    """Each recording would be taken over twice, or be removed for one line before the other saw it."""
    first, beside = of_folder(clock, "Registry", "/srv/pbx"), of_folder(clock, "Annexe", "/srv/pbx-annexe")
    with pytest.raises(AddressRefusedError, match="Another line"):
        of_folder(clock, "Third", folder)
    with pytest.raises(AddressRefusedError, match="Another line"):
        call_services.change_line(beside, StatedLine(folder=folder), clock=clock, actor="")
    call_services.change_line(first, StatedLine(folder="/srv/pbx/monitor"), clock=clock, actor="")
    services.remove_source(first, clock=clock, actor="")
    call_services.change_line(beside, StatedLine(folder=folder), clock=clock, actor="")
    assert stated_line(queries.source(beside).address_shown).folder == folder.rstrip("/")


def of_folder(clock: ManualClock, name: str, folder: str) -> str:
    """A line whose calls come as files."""
    stated = StatedLine(folder=folder, form="csv", numbers=("12",))
    return call_services.add_line(name=name, stated=stated, clock=clock, actor="")
