"""The steps of a case as an office's people take them, each from where the pages lead them: start page, list, next step.

Fields are filled in by the labels that people read. Papers are read as pdftotext reads them.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.printed import words_of
from tests.scenario.regulated import HALL, Person

POLICE = {
    "Wnioskodawca": "Komenda Powiatowa Policji",
    "Podstawa prawna organu": "art. 15 ust. 1 pkt 6 ustawy o Policji",
    "Znak sprawy organu": "RSD-17/26",
}
"""What an entitled body states besides what a form of the regulation asks for."""
TAKER = {"Odbierający": "asp. Jan Testowy", "Stanowisko służbowe": "dzielnicowy"}
YESTERDAY = {"Dzień zdarzenia": "wczoraj", "Od albo około": "8:00", "Do": "8:01"}
CARRIER = {
    "Paczka jest zapisana na": "płyta DVD",
    "Oznaczenie nośnika": "SN 7",
    "Gdzie jest teraz albo komu go dano": "sejf",
}


def fill(page: Page, fields: Mapping[str, str]) -> None:
    """Fill in fields by their labels; a list's line by its words."""
    for label, value in fields.items():
        field = page.get_by_label(label, exact=True)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def take_task(page: Page, words: str | re.Pattern[str]) -> None:
    """Go on by the one button of a task on the start page."""
    page.locator("main [aria-labelledby=waits] li", has_text=words).locator("a.button").first.click()


def enter(clerk: Person, kind: str, fields: Mapping[str, str], *, camera: bool = True) -> str:
    """Enter an application that came; its number. Its recording is held from then on."""
    page = _to_form(clerk, kind)
    fill(page, fields)
    if camera:
        page.get_by_label(HALL).first.check()
    page.click("main form button:has-text('Wpisz')")
    expect(page.locator("main h1")).to_contain_text(" W-")
    return page.url.rsplit("/", 1)[1]


def asked_for(clerk: Person, kind: str) -> list[str]:
    """The labels of an application's form, in its order."""
    page = _to_form(clerk, kind)
    return page.locator("main form :is(label[for], .field-label)").all_inner_texts()


def _to_form(clerk: Person, kind: str) -> Page:
    page = clerk.page
    page.goto(f"{clerk.base}/cases")
    page.click("main a:has-text('Wpisz wniosek')")
    page.click(f"main a[href*='/cases/new/{kind}/']")
    return page


def held(person: Person, number: str) -> list[str]:
    """The numbers of the holds of a case, as its page names them."""
    person.page.goto(f"{person.base}/cases/{number}")
    return list(dict.fromkeys(person.page.locator("main .steps a[href*='/holds/']").all_inner_texts()))


def decide(head: Person, number: str, outcome: str, *, kept: Sequence[str] = (), evidence: str = "", **fields: str) -> None:  # fmt: skip
    """Decide what waits on the start page, after the page to check it."""
    page = head.page
    page.goto(head.base)
    take_task(page, f"{number}: rozstrzygnij")
    page.get_by_label(outcome, exact=True).check()
    for hold in kept:
        page.get_by_label(hold).check()
    if evidence:
        page.get_by_label(evidence).check()
    fill(page, fields)
    page.click("main form button:has-text('Sprawdź przed rozstrzygnięciem')")
    page.click("main button:has-text('Wpisz decyzję')")
    expect(page.locator("main .page-head .state")).to_have_text(outcome)


def copy(maker: Person, number: str, fields: Mapping[str, str] = MappingProxyType({})) -> str:
    """Make the copy that the maker's start page asks for; its number."""
    page = maker.page
    page.goto(maker.base)
    take_task(page, f"{number}: sporządź kopię")
    fill(page, fields)
    page.click("main form button:has-text('Sporządź kopię')")
    expect(page.locator("main h1")).to_contain_text("Kopia K-")
    return page.url.rsplit("/", 1)[1]


def write(maker: Person, copy: str, fields: Mapping[str, str] = CARRIER) -> None:
    """Take the package of a copy for the first application that asks for it, say to which carrier it was written, and print its label."""
    page = maker.page
    page.goto(f"{maker.base}/copies/{copy}")
    if not page.get_by_label("Dla kogo").first.is_visible():
        page.click("main summary:has-text('Pobierz paczkę')")
    with page.expect_download() as taken:
        page.locator("main form[action$='/package.zip'] button:has-text('Pobierz paczkę')").click()
    assert Path(taken.value.path()).stat().st_size > 0
    page.locator("main #taken a").click()
    fill(page, fields)
    page.click("main form button:has-text('Wpisz')")
    print_paper(maker, copy, copy)


def print_paper(person: Person, copy: str, *words: str) -> None:
    """The label that a copy's page prints has all of these words."""
    _taken(person, f"/copies/{copy}", "A7", words)


def check_label(person: Person, copy: str) -> str:
    """What the page for anyone says of the number and the code that a label bears, read from its paper by somebody who is not signed in."""
    label = _file(person, f"/copies/{copy}", "A7")
    found = re.search(r"\bKod (?:[0-9a-f]{4} ){3}[0-9a-f]{4}\b", words_of(label))
    assert found is not None, words_of(label)
    browser = person.page.context.browser
    assert browser is not None
    page = browser.new_page()
    page.goto(f"{person.base}/copies/check")
    fill(page, {"Numer kopii": copy, "Kod z etykiety": found[0].removeprefix("Kod ")})
    page.click("main button:has-text('Sprawdź')")
    told = page.inner_text("[role=status]")
    page.close()
    return told


def hand_over(giver: Person, address: str, fields: Mapping[str, str] = TAKER, *, on_screen: str = "") -> None:
    """Hand a copy over from the page of its case, or its own, step by step: prepared and checked, its paper printed, signed, handed over.

    It is signed on paper, or on the screen where ``on_screen`` names the copy.
    """
    page = giver.page
    page.goto(f"{giver.base}{address}")
    page.click("main a.button:has-text('Przygotuj przekazanie')")
    fill(page, fields)
    page.click("main form button:has-text('Sprawdź przed przygotowaniem')")
    page.click("main button:has-text('Przygotuj przekazanie')")
    expect(page.locator("main .page-head .state")).to_have_text("przechowywana")
    with page.expect_download():
        page.click("main #next ~ form button:has-text('Wydrukuj dokument')")
    if on_screen:
        sign_on_the_screen(giver, on_screen)
    else:
        page.click("main #then a")
        fill(page, {"Jak podpisano": "na papierze, obie strony"})
        page.click("main form button:has-text('Wpisz')")
    page.click("main a.button:has-text('Nośnik jest wydany')")
    page.click("main form button:has-text('Sprawdź przed wpisaniem')")
    page.click("main button:has-text('Wpisz przekazanie')")
    expect(page.locator("main .page-head .state")).to_have_text("przekazana")


def keep_paper(giver: Person, copy: str) -> None:
    """Attach the scan of the signed paper on the page of a copy."""
    page = giver.page
    page.goto(f"{giver.base}/copies/{copy}")
    scan: FilePayload = {"name": "skan.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + bytes(50)}
    page.locator("main form[data-attach] input[type=file]").set_input_files(scan)
    page.click("main form[data-attach] button:has-text('Załącz')")
    expect(page.locator("main .course")).to_contain_text("Podpisany dokument zachowany")
    expect(page.locator("main .course li.done")).to_have_count(8)


def sign_on_the_screen(giver: Person, copy: str) -> None:
    """Both draw their signatures on the paper of a hand-over; a slip is cleared and drawn anew."""
    page = giver.page
    page.goto(f"{giver.base}/copies/{copy}")
    page.click("main a[href$='/hand-over/sign']")
    fields = page.locator("main [data-signature]")
    expect(fields).to_have_count(2)
    _draw(page, fields.nth(0))
    fields.nth(0).get_by_role("button").click()
    expect(fields.nth(0).locator("input")).to_have_value("")
    for field in (fields.nth(0), fields.nth(1)):
        _draw(page, field)
    page.click("main [data-keep] button")
    page.wait_for_url(f"**/copies/{copy}")


def _draw(page: Page, field: Locator) -> None:
    canvas = field.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    across = [(0.1, 0.7), (0.3, 0.2), (0.45, 0.8), (0.7, 0.3), (0.9, 0.6)]
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in across]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def issued(person: Person, number: str, button: str, *words: str) -> None:
    """A paper of a case, taken from its page, has all of these words."""
    _taken(person, f"/cases/{number}", button, words)


def handed_paper(person: Person, copy: str, *words: str) -> None:
    """The paper of a copy's hand-over, taken from the copy's page, has all of these words."""
    _taken(person, f"/copies/{copy}", "Dokument przekazania", words)


def protocol(person: Person, commission: str, *words: str) -> None:
    """The protocol of a commission that is done, taken from its page, has all of these words."""
    _taken(person, f"/commissions/{commission}", "Protokół zniszczenia", words)


def _taken(person: Person, address: str, button: str, words: Sequence[str]) -> None:
    _has(_file(person, address, button), words)


def _file(person: Person, address: str, button: str) -> bytes:
    page = person.page
    page.goto(f"{person.base}{address}")
    with page.expect_download() as taken:
        page.click(f"main button:has-text('{button}')")
    return Path(taken.value.path()).read_bytes()


def _has(paper: bytes, words: Sequence[str]) -> None:
    told = words_of(paper).replace("\xad ", "").replace("\xad", "")
    for each in words:
        assert each in told, (each, told)


def text(person: Person, address: str) -> str:
    """What a page says."""
    person.page.goto(f"{person.base}{address}")
    return person.page.inner_text("main")


def row(person: Person, address: str, words: str) -> dict[str, str]:
    """The row of a register that has these words, by the register's titles, without what the page adds at its end."""
    page = person.page
    page.goto(f"{person.base}{address}")
    titles = page.locator("main thead th").all_inner_texts()
    cells = page.locator(f"main tbody tr:has-text('{words}')").first.locator("th, td").all_inner_texts()
    found = dict(zip(titles, (" ".join(cell.split()) for cell in cells), strict=True))
    found.pop("Szczegóły", None)
    return found


def appoint(head: Person, number: str, *members: str) -> str:
    """Appoint a commission for a copy whose life ends, from the start page; the commission's number."""
    page = head.page
    page.goto(head.base)
    take_task(page, re.compile(f"mija okres przechowywania kopii .*{re.escape(number)}"))
    for member in members:
        page.get_by_label(f"Osoba {member}").check()
    page.click("main form button:has-text('Sprawdź przed powołaniem')")
    page.click("main button:has-text('Powołaj komisję')")
    expect(page.locator("main h1")).to_contain_text("Komisja ")
    return page.url.rsplit("/", 1)[1]


def confirm_destruction(member: Person, commission: str, carrier: str = "", sign: str = "P-1") -> None:
    """A member says on their own page that the carrier, whose sign they read off it, was destroyed."""
    page = member.page
    page.goto(member.base)
    take_task(page, commission)
    if carrier:
        read, how = page.locator("main form.form input[type=text]").all()[:2]
        read.fill(sign)
        how.fill(carrier)
    page.click("main form button:has-text('Sprawdź przed potwierdzeniem zniszczenia')")
    page.click("main button[name=confirmed]")
