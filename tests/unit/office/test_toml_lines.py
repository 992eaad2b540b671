"""Finding the line of a key."""

import tomllib

import pytest

from rejent.office.regulation.loading import EXAMPLES, example
from rejent.office.regulation.toml_lines import line_of, lines_of_keys

TRICKY = '''# [not.a.table]
title = "a # no comment [x]"
"quoted key".'b.c' = 1

[a]
multi = """
[b]
fake = 1 \\"""
"""
literal = \'\'\'
b = 2'\'\'\'
list = [ # comment ]
  "one",
  ["two", """three
""",],
  { inner = 1, other.deep = [1, 2] },
]
[[a.rows]]
name = "first"
[[a.rows]]
name = "second"
[a.rows.detail]
when = 2026-11-21 10:00:00
"escaped \\u0041\\n" = true
'''


def paths(value, prefix=()):
    """Every path of a parsed document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*prefix, key)
        yield from paths(inner, (*prefix, key))


def test_structure_inside_strings_is_not_structure():
    """Headers and keys inside strings and comments are passed over, and real ones are found behind them."""
    lines = lines_of_keys(TRICKY)
    assert lines["title",] == 2
    assert lines["quoted key", "b.c"] == 3
    assert lines["a", "literal"] == 10
    assert lines["a", "list", 1, 1] == 14
    assert lines["a", "list", 2, "other", "deep", 1] == 16
    assert lines["a", "rows", 1, "name"] == 21
    assert lines["a", "rows", 1, "detail", "when"] == 23
    assert ("b",) not in lines


@pytest.mark.parametrize("text", [TRICKY, *map(example, EXAMPLES), "", "a=1", "a=1\r\n[b]\r\nc=[\r\n]\r\n"])
def test_every_parsed_path_has_a_line(text):
    """Whatever the TOML reader of Python finds, the locator places, and nothing else."""
    assert set(lines_of_keys(text)) == set(paths(tomllib.loads(text)))


def test_a_missing_key_is_shown_at_its_nearest_parent():
    """What is not in the file is reported where it belongs, or on the first line."""
    lines = lines_of_keys("x = 1\n\n[a.b]\n")
    assert line_of(("a", "b", "count"), lines) == 3
    assert line_of(("nowhere",), lines) == 1
