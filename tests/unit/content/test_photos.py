"""A photo is made anew: upright, small, and with nothing of the file but its picture."""

from io import BytesIO

import pytest
from PIL import Image

from rejent.content.errors import UndecodableError
from rejent.content.pictures import photo

RED, BLUE = (220, 20, 20), (20, 20, 220)


def taken(form: str, orientation: int = 1, size: tuple[int, int] = (1600, 800)) -> bytes:
    """A photo whose left half is red and whose right half is blue, as it lies in the file."""
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, "Rynek 1, pokoj 4"
    held = BytesIO()
    image.save(held, form, exif=exif.tobytes())
    return held.getvalue()


def seen(made: bytes) -> tuple[tuple[int, int], str]:
    """Its size, and the colours of its top, bottom, left and right edge: r, b, or both."""
    image = Image.open(BytesIO(made)).convert("RGB")
    across, down = image.size
    edges = (
        [(across // 4, 2), (3 * across // 4, 2)],
        [(across // 4, down - 3), (3 * across // 4, down - 3)],
        [(2, down // 4), (2, 3 * down // 4)],
        [(across - 3, down // 4), (across - 3, 3 * down // 4)],
    )
    return image.size, " ".join("".join(sorted({_letter(image, one) for one in edge})) for edge in edges)


def _letter(image: Image.Image, place: tuple[int, int]) -> str:
    colour = image.getpixel(place)
    assert isinstance(colour, tuple)
    return "r" if colour[0] > colour[2] else "b"


@pytest.mark.parametrize(
    ("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_any_photo_becomes_a_small_jpeg(form: str, media_type: str) -> None:
    """The same bytes each time, without the words that a camera writes beside the picture."""
    made = photo(taken(form), media_type, 400)
    assert seen(made) == ((400, 200), "br br r b")
    assert b"Rynek" not in made
    assert made == photo(taken(form), media_type, 400)


@pytest.mark.parametrize(
    ("orientation", "size", "edges"),
    [(3, (400, 200), "br br b r"), (6, (200, 400), "r b br br"), (8, (200, 400), "b r br br")],
)
def test_it_stands_upright(orientation: int, size: tuple[int, int], edges: str) -> None:
    """A telephone that was held on its side says so in the file (EXIF 2.32, orientation)."""
    assert seen(photo(taken("JPEG", orientation), "image/jpeg", 400)) == (size, edges)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff" + bytes(100), taken("JPEG")[:300], b""])
def test_what_is_no_picture(content: bytes) -> None:
    """One error, whatever is in it."""
    with pytest.raises(UndecodableError):
        photo(content, "image/jpeg", 400)


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP"])
def test_what_is_seen_through_is_white(form: str) -> None:
    """As on paper; of a picture that moves it is the first."""
    image = Image.new("RGBA", (40, 40), (*BLUE, 0))
    held = BytesIO()
    image.save(held, form, transparency=0) if form == "GIF" else image.save(held, form)
    made = Image.open(BytesIO(photo(held.getvalue(), f"image/{form.lower()}", 40))).convert("RGB")
    assert min(made.getpixel((20, 20))) > 250  # type: ignore[type-var,arg-type]  # three colours
