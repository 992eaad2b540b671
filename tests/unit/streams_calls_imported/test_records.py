"""Call records of the PBXs we know, times as they state them, and names of files: read, or told to be unreadable."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordPlace, RecordZone
from rejent.streams.calls.receiving.imported.matching import parse_file_name
from rejent.streams.calls.receiving.imported.records import NoRecordsError, RecordReader, parse_duration
from rejent.streams.calls.receiving.imported.stated_call import StatedCall, parse_time
from tests.examples import examples

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
AT = datetime(2026, 11, 21, 13, 5, 12, tzinfo=UTC)
CALLER, OURS = "103000200", "748410010"
CDR = (
    f'"","{CALLER}","{OURS}","from-trunk","""Fictional, Anna"" <{CALLER}>","PJSIP/a","PJSIP/b","Dial","PJSIP/b",'
    '"2026-11-21 14:05:12","2026-11-21 14:05:20","2026-11-21 14:07:20",128,120,"ANSWERED","DOCUMENTATION","1795.7","in.wav"\n'
)
TABLES = {
    "asterisk": (PbxFormat.ASTERISK, CDR),
    "freepbx": (
        PbxFormat.ASTERISK,
        (
            "calldate,src,dst,duration,billsec,disposition,uniqueid,linkedid,recordingfile\n"
            f"2026-11-21 14:05:12,{CALLER},{OURS},128,120,ANSWERED,1795.7,1795.6,in.wav\n"
        ),
    ),
    "3cx": (
        PbxFormat.THREE_CX,
        f"1795.7,00001,00:02:00,2026/11/21 14:05:12,2026/11/21 14:05:20,2026/11/21 14:07:20,Talking,{CALLER},{OURS}\n",
    ),
    "yeastar": (
        PbxFormat.YEASTAR,
        (
            '\ufeff"Time","Call From","Call To","Call Duration(s)","Talk Duration(s)","Status","Communication Type","Recording File","Call ID"\r\n'
            f'"21/11/2026 14:05:12","{CALLER}","{OURS}","128","120","ANSWERED","Inbound","in.wav","1795.7"\r\n'
        ),
    ),
    "slican": (
        PbxFormat.SLICAN,
        (
            "Data i godzina;Kto;Do kogo;Czas rozmowy;Kierunek;Plik\n"
            f"21.11.2026 14:05:12;{CALLER};{OURS};2:00;przychodząca;C:\\nagrania\\in.wav\n"
        ),
    ),
    "csv": (
        PbxFormat.CSV,
        f"Kiedy\tSkąd\tDokąd\tIle\tdisposition\n2026-11-21T13:05:12Z\t{CALLER}\t{OURS}\t120\tok\n",
    ),
}
COLUMNS = (("caller", "Skąd"), ("called", "Dokąd"), ("duration", "Ile"), ("start", "Kiedy"))


def read(path: Path, form: PbxFormat, zone: RecordZone = RecordZone.LOCAL) -> list[StatedCall]:
    """Everything a file tells."""
    return list(RecordReader(RecordPlace(str(path), form, zone, COLUMNS)).new(NOW))


@pytest.mark.parametrize("table", TABLES)
def test_every_known_table_is_read(table: str, tmp_path: Path) -> None:
    """Whose it is, when, how long and who; whatever its headings, its order and its separator."""
    form, content = TABLES[table]
    path = tmp_path / "calls.csv"
    path.write_bytes(content.encode())
    (call,) = read(path, form)
    assert (call.caller, call.called, call.seconds) == (CALLER, OURS, 120)
    assert call.start.instant == AT
    assert call.spoken
    assert call.file in {"in.wav", ""}


def test_channel_events_are_put_together(tmp_path: Path) -> None:
    """CEL tells a call by its events: who began it, when they were put through, which file, and that its last channel is gone."""

    def event(kind: str, at: str, application: str = "", argument: str = "") -> str:
        cells = [kind, f"2026-11-21 14:{at}", "Fictional", CALLER, CALLER, "", "", OURS, "from-trunk", "PJSIP/a", application, argument, "3", "", "1795.7", "1795.6", "", "", "", ""]  # fmt: skip
        return ",".join(f'"{cell}"' for cell in cells) + "\n"

    path = tmp_path / "cel.csv"
    path.write_text(
        event("CHAN_START", "05:12.5") + event("APP_START", "05:19.0", "MixMonitor", "/var/spool/in.wav,b")
    )
    reader = RecordReader(RecordPlace(str(path), PbxFormat.ASTERISK))
    assert list(reader.new(NOW)) == []
    with path.open("a") as file:
        file.write(
            event("BRIDGE_ENTER", "05:20.0") + event("CHAN_END", "07:20.0") + event("LINKEDID_END", "07:20.0")
        )
    (call,) = reader.new(NOW)
    assert (call.caller, call.called, call.file, call.seconds) == (CALLER, OURS, "in.wav", 120)
    assert (call.record_id, call.linked_id, call.spoken) == ("1795.7", "1795.6", True)


def test_a_file_that_grows_is_read_by_whole_lines_once(tmp_path: Path) -> None:
    """Half a line waits for its other half; a file put in another's place is read from its beginning."""
    path = tmp_path / "Master.csv"
    path.write_text(CDR + CDR[:40])
    reader = RecordReader(RecordPlace(str(path), PbxFormat.ASTERISK))
    assert len(list(reader.new(NOW))) == 1
    assert not list(reader.new(NOW))
    with path.open("a") as file:
        file.write(CDR[40:])
    assert len(list(reader.new(NOW))) == 1
    path.rename(tmp_path / "Master.csv.1")
    with pytest.raises(NoRecordsError):
        list(reader.new(NOW))
    path.write_text(CDR)
    assert len(list(reader.new(NOW))) == 1


def test_a_folder_of_records_is_read_file_by_file(tmp_path: Path) -> None:
    """Only what looks like records is; recordings beside them are left alone."""
    (tmp_path / "one.csv").write_text(CDR)
    (tmp_path / "two.txt").write_text(CDR + "no record at all\n")
    (tmp_path / "in.wav").write_bytes(b"RIFF")
    reader = RecordReader(RecordPlace(str(tmp_path), PbxFormat.ASTERISK))
    assert len(list(reader.new(NOW))) == 2
    assert reader.unread == 1


@pytest.mark.parametrize(
    ("written", "zone", "instant", "assumed"),
    [
        ("2026-11-21 14:05:12", RecordZone.LOCAL, AT, "Europe/Warsaw"),
        ("2026-11-21 13:05:12", RecordZone.UTC, AT, "UTC"),
        ("2026-11-21T15:05:12+02:00", RecordZone.LOCAL, AT, "+02:00"),
        ("21.11.2026 14:05:12", RecordZone.LOCAL, AT, "Europe/Warsaw"),
        ("11/21/2026 02:05:12 PM", RecordZone.LOCAL, AT, "Europe/Warsaw"),
        ("20261121140512", RecordZone.LOCAL, AT, "Europe/Warsaw"),
        ("1795266312", RecordZone.LOCAL, AT, "epoch"),
        ("1970-01-01 00:00:07", RecordZone.LOCAL, None, "Europe/Warsaw implausible"),
        ("2031-11-21 14:05:12", RecordZone.LOCAL, None, "Europe/Warsaw implausible"),
        ("yesterday at noon", RecordZone.LOCAL, None, "unread"),
        ("2026-13-41 25:61:00", RecordZone.LOCAL, None, "unread"),
        ("", RecordZone.LOCAL, None, ""),
    ],
)
def test_times_are_kept_with_what_was_assumed(
    written: str, zone: RecordZone, instant: datetime | None, assumed: str
) -> None:
    """With a zone or without, in either order, never set: what was stated stands beside what it was taken for."""
    told = parse_time(written, zone, NOW)
    assert (told.text, told.instant, told.assumed) == (written, instant, assumed)


def test_the_hour_that_runs_twice_is_told_by_when_it_came() -> None:
    """At 2:40 of the second run a record says 2:30: it means the run that has just been; at 2:40 of the first, that one."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    early = parse_time("2026-10-25 02:30:00", RecordZone.LOCAL, first + timedelta(minutes=10))
    late = parse_time("2026-10-25 02:30:00", RecordZone.LOCAL, first + timedelta(minutes=70))
    assert (early.instant, early.assumed) == (first, "Europe/Warsaw fold=0")
    assert (late.instant, late.assumed) == (first + timedelta(hours=1), "Europe/Warsaw fold=1")
    skipped = parse_time("2026-03-29 02:30:00", RecordZone.LOCAL, NOW)
    assert skipped.assumed == "Europe/Warsaw moved"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("120", 120),
        ("2:00", 120),
        ("0:02:00", 120),
        ("120s", 120),
        ("1,5", 1.5),
        ("", None),
        ("long", None),
        ("-1", None),
    ],
)
def test_durations_are_read(written: str, told: float | None) -> None:
    """Seconds, minutes and hours; what is none is not guessed."""
    assert parse_duration(written) == told


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [
        (f"in-{OURS}-{CALLER}-20261121-140512-1795.7.wav", PbxFormat.ASTERISK, (CALLER, OURS, "incoming", "1795.7")),
        (f"external-{CALLER}-101-20261121-140512-1795.7.wav", PbxFormat.ASTERISK, ("101", CALLER, "outgoing", "1795.7")),
        (f"20261121140512-1795.7-{CALLER}-{OURS}-Inbound.wav", PbxFormat.YEASTAR, (CALLER, OURS, "incoming", "1795.7")),
        (f"[Fictional]_{CALLER}-101_20261121140512(42).wav", PbxFormat.THREE_CX, (CALLER, "101", "", "42")),
        (f"20261121_140512_{CALLER}_{OURS}.wav", PbxFormat.SLICAN, (CALLER, OURS, "", "")),
        ("2026-11-21.wav", PbxFormat.CSV, ("", "", "", "")),
    ],
)  # fmt: skip
def test_names_of_files_tell_what_their_pattern_says(
    name: str, form: PbxFormat, told: tuple[str, str, str, str]
) -> None:
    """Numbers, way and identifier where a PBX puts them; nothing where a name follows no pattern."""
    call = parse_file_name(name, form, RecordZone.LOCAL, NOW)
    assert (call.caller, call.called, call.direction, call.record_id) == told
    assert call.start.instant in {AT, None}


@settings(max_examples=examples(150))
@given(
    content=st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode)),
    form=st.sampled_from(PbxFormat),
)
def test_no_bytes_break_the_reading(
    content: bytes, form: PbxFormat, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever stands in a file of records, each line is a call or is counted."""
    path = tmp_path_factory.getbasetemp() / "fuzzed.csv"
    path.write_bytes(TABLES["freepbx"][1].encode() + content + b"\n")
    for call in read(path, form):
        assert call.start.text
        assert len(call.raw) <= 2000
        assert "/" not in call.file


@settings(max_examples=examples(150))
@given(name=st.text(max_size=120), form=st.sampled_from(PbxFormat))
def test_no_name_breaks_the_reading(name: str, form: PbxFormat) -> None:
    """Whatever a file is called and whatever a time looks like, it is read or left."""
    call = parse_file_name(name, form, RecordZone.LOCAL, NOW)
    assert call.file == name
    told = parse_time(name, RecordZone.LOCAL, NOW)
    assert told.instant is None or told.instant.tzinfo is UTC


@pytest.mark.parametrize("zone", RecordZone)
@pytest.mark.parametrize(
    "told",
    ["0001-01-01 00:00:00", "0001-01-01 00:00:00+02:00", "9999-12-31 23:00:00-05:00", "00010101000000"],
)
def test_a_year_that_cannot_be_reckoned_with_is_no_time(told: str, zone: RecordZone) -> None:
    """What .NET writes for no time, and the last year there is, are kept as stated and taken for nothing."""
    assert parse_time(told, zone, NOW).instant is None
    assert parse_file_name(f"{told}.wav", PbxFormat.CSV, zone, NOW).start.instant is None


def test_a_row_nobody_can_read_stops_no_other(tmp_path: Path) -> None:
    """A row without a time that can be is told with the rest of what it says, and the rows behind it are read."""
    path = tmp_path / "Master.csv"
    path.write_text(CDR.replace("2026-11-21 14:05:12", "0001-01-01 00:00:00") + CDR)
    assert [call.start.instant for call in read(path, PbxFormat.ASTERISK)] == [None, AT]
