"""Addresses: one normal form of every spelling, read from fields as their grammar has it, and shown as people write them."""

import pytest

from rejent.streams.mail.messages.addresses import (
    find_addresses,
    find_lookalikes,
    mailbox_of,
    normal_address,
    read_address,
    shown_address,
)

UNION = "zwiazek@urzad.example"
ABROAD = "biuro@xn--zwizek-y0a.example"

SPELLINGS = [
    ("zwiazek@urzad.example", UNION),
    ("ZWIAZEK@Urzad.Example", UNION),
    ("zwiazek@urzad.example.", UNION),
    ('"zwiazek"@urzad.example', UNION),
    (r'"zwi\azek"@urzad.example', UNION),
    ("zwiazek(biuro)@urzad.example", UNION),
    ("(a (b\\) c)) zwiazek (d) @ (e) urzad . example (f)", UNION),
    ("@relay.example,@b.example:zwiazek@urzad.example", UNION),
    ("biuro@związek.example", ABROAD),
    ("biuro@ZWIĄZEK.example", ABROAD),
    ("biuro@zwia\u0328zek.example", ABROAD),
    ("biuro@związek。example", ABROAD),
    ("biuro@XN--ZWIZEK-Y0A.example", ABROAD),
    ("ŻÓŁĆ@urzad.example", "żółć@urzad.example"),
    ("z\u0307ółć@urzad.example", "żółć@urzad.example"),
    ('"jan kowalski"@firma.example', "jan kowalski@firma.example"),
    (r'"a\"b>c"@firma.example', 'a"b>c@firma.example'),
    ('"jan".kowalski@firma.example', "jan.kowalski@firma.example"),
    ("biuro@[IPv6:2001:DB8::1]", "biuro@[ipv6:2001:db8::1]"),
    ("biuro@\N{PILE OF POO}.example", "biuro@xn--ls8h.example"),
    ("zwi\u00adazek\u200b@urzad.example\0", UNION),
    ("\ufeffbiuro\x01@zwi\u200eązek.example", ABROAD),
    ("Postmaster", "postmaster"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("written", "normal"), SPELLINGS)
def test_every_spelling_of_an_address_has_one_normal_form(written: str, normal: str) -> None:
    """RFC 5321 §4.1.2, RFC 5322 §3.4 and §4.4, RFC 6531 §3.3, RFC 5890; and it is its own normal form where it is written so."""
    assert normal_address(written) == normal
    assert normal_address(shown_address(normal)) == normal


FIELDS = [
    ('"Kowalski, Jan" <jan@a.example>, ewa@b.example', {"jan@a.example", "ewa@b.example"}),
    ("Zarzad: jan@a.example,\t<ewa@b.example>;", {"jan@a.example", "ewa@b.example"}),
    ('"zwiazek@urzad.example" <jan@a.example>', {"jan@a.example"}),
    ("jan@a.example (zwiazek@urzad.example)", {"jan@a.example"}),
    ("jan@a.example (zwiazek@urzad.example", {"jan@a.example", UNION}),
    ('"torn <jan@a.example>', {"jan@a.example"}),
    ("Jan Kowalski jan@a.example", {"jan@a.example"}),
    ("zwiazek\n @urzad.example", {UNION}),
    ("@, a@, @b, <>, \\", set()),
]  # fmt: skip


@pytest.mark.parametrize(("field", "addresses"), FIELDS)
def test_a_field_names_the_addresses_of_its_grammar(field: str, addresses: set[str]) -> None:
    """Names and comments are none; what is torn is read as far as it goes."""
    assert find_addresses(field) == addresses


@pytest.mark.parametrize(
    "field",
    ['"zwiazek@urzad.example" <jan@a.example>', "x (zwiazek@urzad.example", "mailto:'zwiazek@urzad.example'"],
)
def test_what_looks_like_an_address_is_found_anywhere(field: str) -> None:
    """Rather one too many than an exempt one missed."""
    assert UNION in find_lookalikes(field)


@pytest.mark.parametrize(
    ("entered", "normal"),
    [
        (" Biuro@Związek.example ", ABROAD),
        ('"jan kowalski"@firma.example', "jan kowalski@firma.example"),
        ("a@b.example, c@d.example", None),
        ("Jan <jan@a.example>", None),
        ("jan@a.1", None),
        ("jan@localhost", None),
        ("jan@a_b.example", None),
        (f"{'a' * 65}@a.example", None),
        ("@a.example", None),
        ('"a\u202eb"@a.example', None),
    ],
)
def test_who_enters_an_address_enters_one(entered: str, normal: str | None) -> None:
    """With its own letters, and nothing beside it."""
    assert read_address(entered) == normal


def test_a_tag_leads_to_the_mailbox() -> None:
    """But a local part that begins with its sign is a mailbox."""
    assert mailbox_of("zwiazek+lista+x@urzad.example") == UNION
    assert mailbox_of("+48@urzad.example") == "+48@urzad.example"


def test_an_address_is_shown_in_its_own_letters() -> None:
    """Quoted where it must be."""
    assert shown_address(ABROAD) == "biuro@związek.example"
    assert shown_address("jan kowalski@firma.example") == '"jan kowalski"@firma.example'
    assert shown_address("@xn--zwizek-y0a.example") == "@związek.example"
    assert shown_address("a@xn--\N{SNOWMAN}.example") == "a@xn--\N{SNOWMAN}.example"
