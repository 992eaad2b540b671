"""What an office does to copy messages for a disclosure: opened by two, chosen, copied, packed, verified."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.streams.mail_corpus import DELIVERED_TWICE, ORDINARY, THIRD
from tests.streams.mail_steps import CASE, NOON, ask, browser_of, give_keys, office_people


def granted_disclosure(source: str, people: list[Any]) -> tuple[str, str]:
    """Enter and grant a disclosure of the first hour, and have messages with the word ``papier`` opened for it; return case and page of the opening."""
    from django.conf import settings

    from rejent.cases import services as cases
    from rejent.cases.views import Kind, State
    from rejent.kernel.intervals import Interval
    from tests.unit.cases.application import entered as disclosure

    clock = settings.CLOCK
    case = disclosure(
        clock, source, kind=Kind.DISCLOSURE, stream="mail", received_on=clock.now().date(), event_first=NOON.date(), event_last=NOON.date(), interval=Interval(NOON, NOON + timedelta(hours=1)),
    ).number  # fmt: skip
    cases.decide_case(
        case, State.GRANTED, reasons="", basis="§ 5", knowledge=True, person=people[2], clock=clock, ledger=None
    )  # fmt: skip
    leave = ask(browser_of(people[0]), case, words="papier")["Location"]
    browser_of(people[3]).post(f"{leave}/agree")
    return case, leave


def open_by_two(source: str, case: str, people: list[Any], browser: Any, *, alone: bool = False) -> Any:
    """Open the first hour for a case, by two people or by one alone; return the viewing."""
    from django.conf import settings

    from rejent.access import queries, services
    from rejent.web.signing_in.sessions import kept_as

    clock = settings.CLOCK
    return services.open_viewing(
        person=people[0], source_id=source, start=NOON, end=NOON + timedelta(hours=1), case=case, session=kept_as(str(browser.session.session_key)),
        purpose=next(iter(queries.purposes("mail", clock=clock))), clock=clock, acknowledged=True, second=None if alone else people[1],
    )  # fmt: skip


def finish(viewing: Any, person: Any) -> None:
    """End a viewing and finish its protocol."""
    from django.conf import settings

    from rejent.access import services

    services.close_viewing(viewing.id, clock=settings.CLOCK, actor="")
    services.finish_protocol(viewing.number, {"findings": "Przekazano."}, person=person, clock=settings.CLOCK)


def copied(source: str) -> dict[str, Any]:
    """Find three messages by words for a disclosure, read them, copy one and then two, try what nobody may, and verify both packages."""
    from rejent.access.errors import AccessRefusedError

    people = office_people()
    browser = browser_of(people[0])
    case, leave = granted_disclosure(source, people)
    found: dict[str, Any] = {}
    try:
        open_by_two(source, case, people, browser, alone=True)
    except AccessRefusedError as refused:
        found["alone"] = refused.code
    viewing = open_by_two(source, case, people, browser)
    page = f"/viewings/{viewing.id}"

    def copy(who: Any, *numbers: str) -> int:
        return int(who.post(f"{page}/messages/copy", {"message": numbers}).status_code)

    give_keys(page, browser, browser_of(people[3]), CASE)
    found["sealed"] = copy(browser, str(UUID(int=1)))
    give_keys(page, browser, browser_of(people[3]))
    asked = browser.post(f"{page}/messages/choose", {"words": "zamow papier", "since": "", "page": ""})
    listed = browser.get(asked["Location"]).content.decode()
    first, second, third = sorted(set(re.findall(r'name="message" value="([0-9a-f-]+)"', listed)))
    read = [browser.get(f"{page}/messages/{each}").content.decode() for each in (first, second, third)]
    found |= {
        "asked": asked["Location"].rpartition("?")[2],
        "read": ["papier" in each for each in read],
        "stated": 'name="stated"' in listed,
        "none": copy(browser),
        "outside": copy(browser, first, str(UUID(int=UUID(second).int + 7_000_000))),
        "unknown": copy(browser, "x"),
        "second": copy(browser_of(people[1]), first),
        "copied": copy(browser, first),
    }
    chosen = {"listed": [first, second], "message": [second], "page": "2"}
    found["paged"] = browser.post(f"{page}/messages/choose", chosen)["Location"].rpartition("?")[2]
    shown = browser.get(page).content.decode()
    found["ticked"] = re.findall(r'name="message" value="([0-9a-f-]+)" checked', shown) == [second]
    found["both"] = copy(browser, third)
    finish(viewing, people[0])
    found["closed"] = copy(browser, first)
    found["opening"] = browser_of(people[3]).get(leave).content.decode()
    return found | packed(case, people[0]) | private_before(source, case, people, first, second)


def private_before(source: str, case: str, people: list[Any], left: str, message: str) -> dict[str, Any]:
    """Leave one delivery of a letter as private, and try to copy another in the next viewing."""
    from django.conf import settings

    from rejent.access.viewings import protocols
    from rejent.streams.mail.pages.rows import name_of
    from rejent.streams.mail.records.readings import leave_message

    found, browser = {}, browser_of(people[0])
    for step in ("left", "copied_then"):
        viewing = open_by_two(source, case, people, browser)
        page = f"/viewings/{viewing.id}"
        give_keys(page, browser, browser_of(people[3]))
        found[step] = browser.get(f"{page}/messages/{message}").status_code
        if step == "left":
            leave_message(viewing, name_of(viewing, UUID(left)), clock=settings.CLOCK, actor="")
        else:
            given = {"message": [message]}
            found[step] = browser.post(f"{page}/messages/copy", given).status_code
        finish(viewing, people[0])
        assert not protocols.unfinished(people[0].id)
    return found


def packed(case: str, person: Any) -> dict[str, Any]:
    """Pack the copies of a case, and verify each package as it is, and the first with one bit changed."""
    from django.conf import settings
    from django.utils.translation import override

    from rejent.cases.copies import queries as copies
    from rejent.evidence.sealing import seal_in_ledger
    from rejent.evidence.targets import FolderTarget
    from rejent.evidence.verifier.command import check_path, status
    from rejent.evidence.writing import write_package
    from rejent.web.cases.copies.packing import package_contents
    from rejent.web.cases.copies.words import chosen_words, content_words

    place, packages = settings.LEDGER, settings.VAULT.keys_folder.parent.parent
    found: dict[str, Any] = {"verdicts": [], "contents": [], "envelopes": [], "told": []}

    def verdict(package: Path, number: str) -> int:
        return int(status(check_path(package, stated_key=str(place.verifier()), number=number)))

    for made in copies.of_case(case):
        contents = package_contents(made, person=person, clock=settings.CLOCK)
        package = packages / made.number
        write_package(contents, FolderTarget(package), seal_in_ledger(place, made.number, contents.acts, clock=settings.CLOCK, actor=""))  # fmt: skip
        *messages, envelopes = sorted((package / "data/originals").iterdir())
        sent = [(ORDINARY, DELIVERED_TWICE, THIRD).index(each.read_bytes()) for each in messages]
        found["contents"].append([sent, {each.suffix for each in messages} == {".eml"}])
        found["envelopes"].append(envelopes.read_text())
        found["verdicts"].append(verdict(package, made.number))
        with override("pl"):
            found["told"].append([chosen_words(made), content_words(made).rpartition(";")[0]])
        found |= {"acts": [each["pl"] for each in contents.acts.values()]}
    first = copies.of_case(case)[0].number
    (message,), (shown,) = (
        (packages / first / "data").glob(files) for files in ("originals/*.eml", "viewing/*")
    )
    changed = bytearray(message.read_bytes())
    changed[-3] ^= 1
    message.write_bytes(changed)
    return found | {"page": shown.read_text(), "changed": verdict(packages / first, first)}
