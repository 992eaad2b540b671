"""No folder below the streams names one of them."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tools"))

import lint_streams  # noqa: E402 - the tools are no package

STREAMS = {"VIDEO": "video", "CALLS": "calls"}


def test_a_stream_is_named_by_its_word_or_by_the_vocabulary() -> None:
    """A string that is a stream's name, and a member of the closed list, are found with their lines."""
    source = 'ONE = "video"\nOTHER = StreamName.CALLS\n'
    assert sorted(lint_streams.findings(source, STREAMS)) == [(1, "video"), (2, "CALLS")]


def test_other_words_are_none() -> None:
    """A sentence about calls, another enumeration's member and a name of the code are left alone."""
    source = '"""What calls cost."""\nkind = Media.VIDEO\ncalls = "video/mp4"\n'
    assert list(lint_streams.findings(source, STREAMS)) == []


def test_the_vocabulary_is_read() -> None:
    """The streams that a regulation may name."""
    assert lint_streams.names().items() >= STREAMS.items()


def test_nothing_below_the_streams_names_one() -> None:
    """The tree as it is."""
    assert lint_streams.main() == 0
