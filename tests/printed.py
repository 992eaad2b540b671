"""Reading documents the way others do: pdftotext for the words, pikepdf for what the file claims and holds."""

import io
import re
import subprocess
from dataclasses import dataclass

import pikepdf

UA = "{http://www.aiim.org/pdfua/ns/id/}"


def words_of(document: bytes) -> str:
    """The text in reading order, with single blanks."""
    given = ["pdftotext", "-raw", "-enc", "UTF-8", "-", "-"]
    told = subprocess.run(given, input=document, capture_output=True, check=True).stdout
    return " ".join(told.decode().split())


@dataclass(frozen=True, slots=True)
class Placed:
    """A word on a page, and its edges from the page's upper left corner, in points."""

    word: str
    left: float
    top: float
    right: float
    bottom: float


def placed_words(document: bytes) -> list[Placed]:
    """The words in the order of the text, each with where it stands."""
    given = ["pdftotext", "-bbox", "-raw", "-enc", "UTF-8", "-", "-"]
    told = subprocess.run(given, input=document, capture_output=True, check=True).stdout.decode()
    found = re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', told)
    return [Placed(word, *map(float, edges)) for *edges, word in found]


def opened(document: bytes) -> pikepdf.Pdf:
    """The file, to be looked into."""
    return pikepdf.Pdf.open(io.BytesIO(document))


def claims_of(document: bytes) -> dict[str, str]:
    """What its metadata claim: the standards it follows, title, author, when it was made."""
    with opened(document) as pdf, pdf.open_metadata() as told:
        return {
            "archive": f"{told['pdfaid:part']}{told['pdfaid:conformance']}",
            "accessible": str(told[f"{UA}part"]),
            "title": str(told["dc:title"]),
            "made": str(told["xmp:CreateDate"]),
        }


def fonts_of(document: bytes) -> dict[str, bool]:
    """Each font, and whether its letters are in the file."""
    found = {}
    with opened(document) as pdf:
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
                found[str(thing["/FontName"])] = any(f"/FontFile{kind}" in thing for kind in ("", "2", "3"))
    return found


def tags_of(document: bytes) -> list[str]:
    """The kinds of the elements of the structure tree, in reading order."""
    with opened(document) as pdf:
        return list(_kinds(pdf.Root.StructTreeRoot.K))


def _kinds(element: pikepdf.Object) -> list[str]:
    if isinstance(element, pikepdf.Array):
        return [kind for inner in element for kind in _kinds(inner)]
    if not isinstance(element, pikepdf.Dictionary) or "/S" not in element:
        return []
    inner = _kinds(element["/K"]) if "/K" in element else []
    return [str(element["/S"]).lstrip("/"), *inner]
