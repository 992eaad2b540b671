"""Loading a regulation: what a short file takes as given, and everything that keeps a file from being loaded."""

import pytest

from rejent.kernel.errors import NotFoundError
from rejent.kernel.terms import Length, Unit
from rejent.office.regulation.bounded_toml import DEEPEST, LONGEST_FILE, NotTomlError, read_toml
from rejent.office.regulation.loading import (
    RegulationRefusedError,
    Severity,
    check,
    example,
    load,
)
from rejent.office.regulation.vocabulary import PlaceKind

MINIMAL = """\
name = "Urząd"
title = "Regulamin"
controller = "Gmina"
head = "Wójt"
contact = "iod@example.org"

[streams.video]
[[streams.video.purposes]]
id = "mienie"
text = "ochrona mienia"
ground = "property"
[streams.video.retention]
count = 30
unit = "days"
kind = "maximum"
"""


def found(text, severity=Severity.ERROR):
    """The line, key and rule of each finding of a severity."""
    return [
        (finding.line, finding.key, finding.law.id) for finding in check(text) if finding.severity is severity
    ]


def test_the_smallest_regulation_takes_the_cautious_defaults():
    """What a short file leaves out is shut: nobody sees anything, every excluded place is excluded."""
    video = load(MINIMAL).stream("video")
    assert video.access.live == video.access.recordings == ()
    assert set(video.places.excluded) == {kind for kind in PlaceKind if kind.excluded}
    assert video.copies.commission == 2
    assert not video.sound


def test_every_excluded_kind_names_its_rule():
    """Six kinds of places are never covered, each by a provision that can be quoted."""
    excluded = [kind for kind in PlaceKind if kind.excluded]
    assert sorted(excluded) == ["canteen", "changing", "smoking", "social", "toilet", "union"]
    assert all(kind.rule.quotation for kind in excluded)
    assert PlaceKind.CORRIDOR.rule is None


REFUSED = [
    # what is changed in the minimal file, into what, and where it is found: line, key, rule
    ("count = 30", "count = 90", 13, "streams.video.retention.count", "labour-code-22-2-3"),
    ('unit = "days"', 'unit = "months"', 13, "streams.video.retention.count", "labour-code-22-2-3"),
    ('contact = "iod@example.org"\n', 'contact = "iod@example.org"\nsupervisors = ["administrator"]\n', 6, "supervisors", "gdpr-29"),
    ("count = 30", "count = 0", 12, "streams.video.retention", "format"),
    ("count = 30", "count = -1", 13, "streams.video.retention.count", "format"),
    ("count = 30", "count = 1e3", 13, "streams.video.retention.count", "format"),
    ("count = 30", "count = true", 13, "streams.video.retention.count", "format"),
    ("count = 30\n", "", 12, "streams.video.retention.count", "format"),
    ('unit = "days"', 'unit = "years"', 14, "streams.video.retention.unit", "format"),
    ('kind = "maximum"', 'kind = ["maximum"]', 15, "streams.video.retention.kind", "format"),
    ('name = "Urząd"', "name = 1", 1, "name", "format"),
    ('name = "Urząd"', 'name = " "', 1, "name", "format"),
    ('name = "Urząd"\n', "", 1, "name", "format"),
    ('head = "Wójt"', 'head = "Wójt\\u0000"', 4, "head", "format"),
    ('head = "Wójt"', 'head = "Wójt"\nhaed = "Wójt"', 5, "haed", "format"),
    ('head = "Wójt"', 'head = "Wójt"\nadopted = 2026-01-01T10:00:00', 5, "adopted", "format"),
    ('id = "mienie"', 'id = "Mienie 1"', 9, "streams.video.purposes[0].id", "format"),
    ('text = "ochrona mienia"', 'text = ""', 10, "streams.video.purposes[0].text", "labour-code-22-2-6"),
    ("[streams.video]\n", "[streams.video]\nsound = true\n", 8, "streams.video.sound", "gdpr-5-1-c"),
    ("[streams.video]\n", '[streams.video]\ndirections = ["incoming"]\n', 8, "streams.video.directions", "format"),
    ("[streams.video]\n", '[streams.video]\nevents = ["duties"]\n', 8, "streams.video.events", "format"),
    ("[streams.video]\n", "[streams.video]\nplaces = 1\n", 8, "streams.video.places", "format"),
    ("[streams.video]\n", "[streams.radio]\n[streams.video]\n", 7, "streams.radio", "format"),
    ("[streams.video]\n", "[streams.video]\nface-recognition = true\n", 8, "streams.video.face-recognition", "gdpr-9"),
    ("[streams.video]\n", "[streams.video]\nkeystrokes = true\n", 8, "streams.video.keystrokes", "labour-code-22-3-2-spying"),
    ("[streams.video]\n", "[streams.video]\nEmotion_Scoring = false\n", 8, "streams.video.Emotion_Scoring", "ai-act-5-1-f"),
]  # fmt: skip


@pytest.mark.parametrize("change", REFUSED, ids=lambda change: f"{change[1].strip()[:40]!r}")
def test_a_fault_is_found_at_its_line_with_its_rule(change):
    """Each fault gives exactly one finding, with line, key and the rule it breaks."""
    before, after, line, key, rule = change
    assert before in MINIMAL
    text = MINIMAL.replace(before, after, 1)
    assert found(text) == [(line, key, rule)]
    with pytest.raises(RegulationRefusedError) as refused:
        load(text)
    assert refused.value.findings == check(text)


ADDED = [
    # what is added to the minimal file, the key found and its rule
    ('[streams.video.places]\nexcluded = ["toilet", "changing", "canteen", "social", "smoking"]', "places.excluded", "labour-code-22-2-1a"),
    ('[streams.video.places]\nexcluded = ["union", "changing", "canteen", "social", "smoking"]', "places.excluded", "labour-code-22-2-2"),
    ('[streams.video.places]\nexcluded = ["union", "changing", "canteen", "toilet", "smoking"]', "places.excluded", "municipal-act-9a-2"),
    ("[streams.video.notices]\nstaff_days = 13", "notices.staff_days", "labour-code-22-2-7"),
    ("[streams.video.notices]\nmarking_days = 0", "notices.marking_days", "labour-code-22-2-9"),
    ("[streams.video.handover]\npublic_information = true", "handover.public_information", "public-information-5"),
    ("[streams.video.handover]\ndeputy_in_absence = true", "handover.deputy_in_absence", "format"),
    ("[streams.video.copies]\ncommission = 1", "copies.commission", "promise-I7"),
    ('[streams.video.access]\nlive = ["guard", "guard"]', "access.live[1]", "format"),
    ('[streams.video.access]\nposition = "head-or-deputy"', "access.position", "format"),
    ("[streams.video.access]\nprotocol_fields = []", "access.protocol_fields", "format"),
    ('[streams.video.access]\nauthorised_by = "administrator"', "access.authorised_by", "gdpr-29"),
    ('[streams.video.access]\nauthorised_by = "clerk"', "access.authorised_by", "gdpr-29"),
    ('[streams.video.access]\nauthorised_by = "iod"', "access.authorised_by", "gdpr-29"),
    ("[streams.video.access]\nmost_hours_an_hour = 0", "access.most_hours_an_hour", "format"),
    ("[streams.video.access]\nmost_hours_a_day = 0", "access.most_hours_a_day", "format"),
    ('[streams.video.preservation]\nwindow = { count = 4, unit = "weeks" }', "preservation.window", "retention-outlives-applications"),
    ("[streams.video.preservation]\nwindow = { count = 14 }", "preservation.window.unit", "format"),
]  # fmt: skip


@pytest.mark.parametrize("addition", ADDED, ids=lambda addition: addition[0].replace("\n", " ")[:60])
def test_a_rule_of_the_statute_is_held(addition):
    """What the statute or a promise forbids is refused at the key that asks for it."""
    text, key, rule = addition
    assert [(where, law) for _, where, law in found(f"{MINIMAL}\n{text}\n")] == [
        (f"streams.video.{key}", rule)
    ]


def test_thirty_days_leave_time_for_fourteen_days_of_applications():
    """The shortest maximum that leaves the right to apply whole is longer than the window and its rolling."""
    window = '[streams.video.preservation]\nwindow = { count = 14, unit = "days" }\n'
    assert found(MINIMAL + window) == []
    assert (
        found(MINIMAL.replace("count = 30", "count = 16") + window)[0][2] == "retention-outlives-applications"
    )


CALLS = MINIMAL.replace("streams.video", "streams.calls").replace('ground = "property"\n', "")


def test_calls_need_a_basis_a_direction_and_an_announcement():
    """Calls without a legal basis or direction are refused, and so is a direction without its announcement."""
    assert [(key, rule) for _, key, rule in found(CALLS)] == [
        ("streams.calls.directions", "labour-code-22-2-6"),
        ("streams.calls.legal_basis", "gdpr-6"),
    ]
    stated = CALLS.replace(
        "[streams.calls]\n",
        '[streams.calls]\nlegal_basis = ["gdpr-6-1-e"]\ndirections = ["outgoing", "incoming"]\n',
    )
    assert [key for _, key, _ in found(stated)] == [
        "streams.calls.announcements.incoming",
        "streams.calls.announcements.outgoing",
    ]


def test_monitored_work_needs_events_and_a_reason_for_its_period():
    """Activity states its closed list of events, and a period no statute sets has a reason."""
    activity = MINIMAL.replace("streams.video", "streams.activity").replace('"property"', '"proper-use"')
    assert [(key, rule) for _, key, rule in found(activity)] == [
        ("streams.activity.events", "labour-code-22-2-6"),
        ("streams.activity.retention.reason", "gdpr-5-1-e"),
    ]
    listed = activity.replace("[streams.activity]\n", '[streams.activity]\nevents = ["clipboard-capture"]\n')
    assert ("streams.activity.events[0]", "labour-code-22-3-2-spying") in [f[1:] for f in found(listed)]


def test_periods_of_purposes_give_the_stream_the_shortest():
    """A stream whose every purpose has its own period keeps its store for the shortest of them."""
    activity = """
name = "U"
title = "R"
controller = "C"
head = "H"
[streams.activity]
events = ["duties"]
[[streams.activity.purposes]]
id = "a"
text = "a"
ground = "working-time"
retention = { count = 2, unit = "months", kind = "maximum", reason = "ocena kwartalna" }
[[streams.activity.purposes]]
id = "b"
text = "b"
ground = "proper-use"
retention = { count = 30, unit = "days", kind = "maximum", reason = "wykrycie nadużycia" }
"""
    assert found(activity) == []
    assert load(activity).stream("activity").retention.length == Length(30, Unit.DAYS)
    without = activity.replace(
        'retention = { count = 30, unit = "days", kind = "maximum", reason = "wykrycie nadużycia" }', ""
    )
    assert load(without).stream("activity").retention is None


def test_every_fault_is_reported_at_once():
    """A file with many faults yields all of them in one reading, in the order of its lines."""
    text = (
        MINIMAL.replace("count = 30", "count = 4")
        .replace('unit = "days"', 'unit = "months"')
        .replace('name = "Urząd"', "name = 7")
        .replace("[streams.video]\n", "[streams.video]\nsound = true\nmicrophone = true\n")
    )
    assert [(line, rule) for line, _, rule in found(text)] == [
        (1, "format"),
        (8, "gdpr-5-1-c"),
        (9, "labour-code-22-3-2-spying"),
        (15, "labour-code-22-2-3"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name = ", 1),
        ('name = "a"\nname = "b"', 2),
        ("a = 1\n[x\n", 2),
        ('a = """\nnever closed\n', 3),
        ("a = " + "[" * 5000, 1),
        ("b = 1\n" + ".".join(["a"] * 20_000) + " = 1", 2),
        ("[" + ".".join(['"a"'] * 20_000) + "]", 1),
        ('b = [{c = """d""""}, {' + ".".join(["a"] * 20_000) + ' = "e"}]', 1),
        ('b = "' + '\\"' * 100_000, 1),
        ("a = " + "9" * 5000, 1),
        ("#" * (LONGEST_FILE + 1), 1),
        ("\x00", 1),
    ],
    ids=[
        "half",
        "twice",
        "header",
        "open",
        "deep",
        "parts",
        "quoted",
        "behind-quotes",
        "never-closed",
        "long-number",
        "too-long",
        "nul",
    ],
)
def test_what_is_not_toml_is_one_finding(text, line):
    """A file that cannot be read gives one finding with its line, and never a traceback."""
    (finding,) = check(text)
    assert (finding.line, finding.severity, finding.law.id) == (line, Severity.ERROR, "format")


def test_what_nests_too_deeply_is_refused_before_it_is_read(monkeypatch):
    """A key of 20 000 parts takes seconds to read; strings and comments nest nothing, and sixteen parts are read."""
    read = []
    monkeypatch.setattr(
        "rejent.office.regulation.bounded_toml.tomllib.loads", lambda text: read.append(text) or {}
    )
    with pytest.raises(NotTomlError, match="line 2"):
        read_toml("b = 1\n" + ".".join("a" * (DEEPEST + 1)) + " = 1")
    assert not read
    plain = (
        f'a = "{"." * 50}" # {"[" * 50}\nb = """\n{"{" * 50}\n"""\n' + ".".join("a" * DEEPEST) + " = 1.5\n"
    )
    read_toml(plain)
    assert read == [plain]


def test_an_empty_file_names_everything_it_lacks():
    """An empty file is told of each key it must have and of the missing streams."""
    keys = [key for _, key, _ in found("")]
    assert sorted(keys) == ["controller", "head", "name", "streams", "title"]


def test_the_refusal_says_how_many_and_where_the_first_is():
    """The one-line error carries the count, the line, the key and the sentence."""
    with pytest.raises(RegulationRefusedError) as refused:
        load(MINIMAL.replace("count = 30", "count = 4").replace('unit = "days"', 'unit = "months"'))
    assert str(refused.value).startswith(
        "The regulation cannot be loaded (findings: 1); the first is on line 13, at streams.video.retention.count:"
    )
    assert "three months end on" in str(refused.value)


def test_findings_quote_the_statute():
    """The rule of a finding reads as lawyers cite it, with its own words in Polish."""
    (finding,) = [
        f for f in check(MINIMAL.replace("count = 30", "count = 92")) if f.severity is Severity.ERROR
    ]
    assert finding.rule == (
        "art. 22² § 3 Kodeksu pracy: „przechowuje przez okres nieprzekraczający 3 miesięcy od dnia nagrania”"
    )
    assert "would be kept through" in finding.sentence


def test_an_unknown_example_names_the_known_ones():
    """Asking for an office that does not come with the program lists those that do."""
    with pytest.raises(NotFoundError, match="pleszew"):
        example("warszawa")
