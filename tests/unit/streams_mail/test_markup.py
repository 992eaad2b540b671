"""HTML of a message is made anew: what is known stays, whatever could run, load or be followed does not."""

import re

import pytest

from rejent.streams.mail.messages.markup import MOST_NESTED, MOST_PICTURES, Words, sanitised
from tests.streams.mail_tricks import TRICKS

WORDS = Words("elsewhere", "missing", "failed", str)
ALLOWED = re.compile(
    r"</?(?:abbr|b|bdi|big|blockquote|br|center|code|div|em|font|h[1-6]|hr|i|li|ol|p|pre|small|span|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul)"
    r"(?: (?:class|dir|style|align|valign|width|height|border|cellpadding|cellspacing|bgcolor|color|face|size|lang|type|colspan|rowspan)=\"[^\"<>]*\")*>"
)


def shown(markup: str) -> str:
    """Return what is shown of markup without pictures of its own."""
    return sanitised(markup, lambda _: "", WORDS).body


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_passes(trick: str) -> None:
    """Whatever is left are known elements with known attributes; all else is text."""
    made = shown(trick)
    rest = ALLOWED.sub("", made)
    assert "<" not in rest
    for tag in ALLOWED.finditer(made):
        assert not re.search(r"(?i)url|script|expression|import|//|\\|data:|position", tag[0]), tag[0]


def test_what_a_mail_looks_like_stays() -> None:
    """Tables, colours, sizes and paragraphs, with what nobody ended."""
    made = shown(
        '<table width="600" bgcolor=#ffffff><tr><td style="color: red; background:url(x)">A<td colspan=2>B<tr><td></div>C</table><p>D<p>E &lt;'
    )
    assert made == (
        '<table width="600" bgcolor="#ffffff"><tr><td style="color:red">A</td><td colspan="2">B</td></tr><tr><td>C</td></tr></table>'
        "<p>D</p><p>E &lt;</p>"
    )


def test_a_link_shows_where_it_leads_and_leads_nowhere() -> None:
    """Its address is spelled from left to right, whatever turns it round; one that nobody ended is ended."""
    made = shown(
        '<a href="https://bank.example.zly.example/\u202egp.exe" onclick=x>https://bank.example</a> <a href=mailto:a@b.pl>c'
    )
    assert made == (
        '<span class="link">https://bank.example</span> <bdi class="address" dir="ltr">&lt;https://bank.example.zly.example/gp.exe&gt;</bdi> '
        '<span class="link">c</span> <bdi class="address" dir="ltr">&lt;mailto:a@b.pl&gt;</bdi>'
    )


def test_pictures_of_elsewhere_are_named_and_own_ones_are_bounded() -> None:
    """Each that is not loaded leaves a place; of its own a message shows as many as are allowed."""
    found = sanitised(
        '<img src="http://x.example/a.gif" alt="logo"><img src=cid:a><td background=http://x.example/b>'
        + "<img src=cid:b>" * 30,
        lambda address: "data:image/jpeg;base64,x" if address == "cid:b" else "",
        WORDS,
    )
    assert "elsewhere: logo" in found.body
    assert found.body.count("<img ") == MOST_PICTURES - 1, "one that fails counts too"
    assert found.body.count("missing") == 1 + 30 - (MOST_PICTURES - 1)
    assert found.elsewhere == 2


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 200_000, "<b>" * 100 + "</i>" * 200_000, "<" * 500_000, "<a " + 'x=" ' * 100_000, "<a x='" * 100_000,
        "<!--" * 100_000, "<script>" * 100_000, "<a" + " " * 500_000, "<a" + " x " * 200_000 + ">", "<p style='" + "rgb(" * 50_000 + "'>",
    ],
    ids=["nested", "ends", "angles", "quotes", "tags in quotes", "comments", "scripts", "blanks", "attributes", "styles"],
)  # fmt: skip
def test_hostile_markup_costs_its_length(hostile: str) -> None:
    """Nesting is bounded, and nothing is looked at again and again."""
    made = shown(hostile)
    assert made.count("<div>") <= MOST_NESTED
    assert len(made) <= 4 * len(hostile)
