"""A regulation is text from outside: whatever it holds, the answer is findings."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.office.regulation.loading import EXAMPLES, RegulationRefusedError, Severity, check, example, load

LINES = {name: example(name).splitlines() for name in EXAMPLES}


@st.composite
def damaged(draw):
    """An example with some lines dropped, doubled, moved or overwritten."""
    lines = list(LINES[draw(st.sampled_from(EXAMPLES))])
    for _ in range(draw(st.integers(1, 4))):
        at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match draw(st.sampled_from(["drop", "double", "swap", "value", "noise"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[other])
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "value":
                key = lines[at].partition("=")[0]
                value = draw(
                    st.sampled_from(
                        ["1", "-5", "true", '"x"', "[]", "{}", "1.5", "2026-01-01", "[[1]]", "nan"]
                    )
                )
                lines[at] = f"{key}= {value}"
            case "noise":
                lines[at] = draw(st.text(max_size=20))
    return "\n".join(lines)


@given(damaged())
def test_damaged_files_get_findings_never_a_crash(text):
    """A damaged regulation either loads or is refused with findings that point into the file."""
    findings = check(text)
    assert all(1 <= finding.line <= text.count("\n") + 1 for finding in findings)
    assert all(finding.sentence and finding.rule for finding in findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        with pytest.raises(RegulationRefusedError):
            load(text)
    else:
        assert load(text).streams


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text):
    """No text makes the checker fail; without the needed keys none is accepted."""
    assert any(finding.severity is Severity.ERROR for finding in check(text))


@given(st.sampled_from(EXAMPLES), st.data())
def test_an_unknown_key_is_always_found_on_its_line(name, data):
    """A key nobody knows, put anywhere, is reported on the line where it was put."""
    lines = list(LINES[name])
    spots = [at for at, line in enumerate(lines) if line.startswith("[") or not line]
    at = data.draw(st.sampled_from(spots)) + 1
    lines.insert(at, "nobody_knows_this = 1")
    text = "\n".join(lines)
    tomllib.loads(text)
    assert at + 1 in [finding.line for finding in check(text) if "nobody_knows_this" in finding.key]
