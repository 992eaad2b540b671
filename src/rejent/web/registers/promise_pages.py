"""The promises with their last checks, and the buttons that check now."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from rejent.web.registers.promises import CHECKING, PROMISES, Checked, Promise
from rejent.web.requests.visitor import PersonRequest


@dataclass(frozen=True, slots=True)
class Row:
    """A promise with its last check, if there was one, and what that found against it."""

    promise: Promise
    last: Checked | None
    findings: list[str]
    running: bool


@require_GET
def promises(request: PersonRequest) -> HttpResponse:
    """Each promise, whether it holds, and what it does not cover."""
    last = CHECKING.last
    context = {
        "rows": list(_rows()),
        "others": [finding.sentence(gettext) for finding in last.others] if last else [],
        "last": last,
        "running_since": CHECKING.running_since,
    }
    return render(request, "registers/promises.html", context)


@require_POST
def promise_check(request: PersonRequest) -> HttpResponse:
    """Begin a check of everything, or of one promise; the page shows it until it is done, whoever looks."""
    key = request.POST.get("promise", "")
    CHECKING.start(next((one for one in PROMISES if one.key == key and one.parts), None))
    return redirect("promises")


def _rows() -> Iterator[Row]:
    for promise in PROMISES:
        last = CHECKING.of.get(promise.key)
        findings = [finding.sentence(gettext) for finding in last.concerning(promise)] if last else []
        running = CHECKING.running_since is not None and CHECKING.running in {"", promise.key}
        yield Row(promise, last, findings, running and bool(promise.parts))
