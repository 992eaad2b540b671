"""The promises with their last check, and the button that checks now."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from rejent.web.promises import CHECKING, PROMISES
from rejent.web.visitor import PersonRequest


@require_GET
def promises(request: PersonRequest) -> HttpResponse:
    """Each promise, whether it holds, and what it does not cover."""
    last = CHECKING.last
    rows = [
        (promise, [finding.sentence(gettext) for finding in last.concerning(promise)] if last else [])
        for promise in PROMISES
    ]
    others = (
        [
            finding.sentence(gettext)
            for finding in last.findings
            if not any(finding in last.concerning(p) for p in PROMISES)
        ]
        if last
        else []
    )
    context = {"rows": rows, "others": others, "last": last, "running_since": CHECKING.running_since}
    return render(request, "pages/promises.html", context)


@require_POST
def promise_check(request: PersonRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Begin a check; the page shows it until it is done, whoever looks."""
    CHECKING.start()
    return redirect("promises")
