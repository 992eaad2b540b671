"""What was signed is found at the beginning of what came back."""

from hashlib import sha256

from rejent.formats.pdf_revisions import digests_of_revisions
from rejent.formats.source import BytesSource


def test_each_beginning_that_ends_like_a_pdf() -> None:
    """With the line end that the first writer put there and without; over the seams of reading, and not without bound."""
    first = b"%PDF-1.7\n" + bytes((1 << 20) - 11) + b"%%EOF"
    for end in (b"", b"\n", b"\r\n"):
        paper = first + end
        signed = paper + b"\nadded" * 9 + b"\n%%EOF\n"
        assert sha256(paper).hexdigest() in digests_of_revisions(BytesSource(signed))
        assert sha256(paper).hexdigest() in digests_of_revisions(BytesSource(paper))
        assert sha256(paper + b"x").hexdigest() not in digests_of_revisions(BytesSource(signed))
    assert len(digests_of_revisions(BytesSource(b"%%EOF\n" * 100_000))) < 160
