"""The line locator against documents written by hypothesis."""

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from rejent.office.regulation.toml_lines import lines_of_keys


def _basic(text):
    """A TOML basic string; JSON escapes agree with it once surrogates and DEL are out."""
    return json.dumps(text, ensure_ascii=False)


WRITABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\x7f")
KEYS = st.text("abc_-09", min_size=1, max_size=4) | st.text(WRITABLE, max_size=5)
SCALARS = (
    st.integers(-1000, 1000).map(str)
    | st.booleans().map(lambda value: str(value).lower())
    | st.text(WRITABLE, max_size=12).map(_basic)
    | st.text("ab[]=#{}\n\"' ", max_size=12).map(lambda text: f'"""\n{text.replace(chr(34), "q")}"""')
    | st.text('ab[]=#{}" ', max_size=12).map(lambda text: f"'{text}'")
)


def _values(inner):
    lists = st.lists(inner, max_size=3).map(lambda parts: "[\n" + ",\n".join(parts) + "\n]")
    tables = st.dictionaries(KEYS, SCALARS.filter(lambda text: "\n" not in text), max_size=3).map(
        lambda parts: "{" + ", ".join(f"{_basic(key)} = {value}" for key, value in parts.items()) + "}"
    )
    return lists | tables


VALUES = st.recursive(SCALARS, _values, max_leaves=6)
TABLES = st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=4)


@given(TABLES, st.lists(st.dictionaries(KEYS, VALUES, max_size=2), max_size=3))
def test_keys_stand_where_they_were_written(tables, rows):
    """Every key of a generated document is found on the line it was written on."""
    written, expected = [], {}

    def write(line):
        number = "\n".join(written).count("\n") + 2 if written else 1
        written.append(line)
        return number

    for name, content in {f"t{name}": content for name, content in tables.items()}.items():
        expected[name,] = write(f"[{_basic(name)}] # comment")
        for key, value in content.items():
            expected[name, key] = write(f"{_basic(key)} = {value}")
    for index, row in enumerate(rows):
        expected["rows", index] = write("[[rows]]")
        for key, value in row.items():
            expected["rows", index, key] = write(f"  {_basic(key)}={value}")
    text = "\n".join(written)
    tomllib.loads(text)
    found = lines_of_keys(text)
    assert {path: found[path] for path in expected} == expected
