"""Lines of the start page on applications that wait for a decision."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext

from rejent.access.rules.decision import may_administer
from rejent.cases import queries
from rejent.kernel.terms import working_days_after
from rejent.office.views import PersonView
from rejent.web.cases.words import kind_title
from rejent.web.people.duties import Line
from rejent.web.words import wording

SOON = 2
"""Working days before the last for which a provisional hold is meant, from which the line warns."""
MOST = 20


def cases_waiting(person: PersonView, today: date) -> Iterator[Line]:
    """Yield the applications that wait: to who decides, as theirs to decide; to who sees cases, so that nothing lapses unseen."""
    if not may_administer(person.roles, "see-cases").allowed:
        return
    decides = may_administer(person.roles, "decide-case").allowed
    waiting = queries.waiting(MOST + 1)
    for view in waiting[:MOST]:
        title = f"{kind_title(view.application.kind)} {view.number}"
        words = (
            gettext("%(application)s: decide")
            if decides
            else gettext("%(application)s waits for the decision")
        )
        left = wording.days_left((view.decide_by - today).days)
        more = f"{wording.day_words(view.decide_by)} – {left}"
        kind = "stopped" if view.decide_by <= working_days_after(today, SOON) else "attention"
        route = "case-decide" if decides else "case"
        yield Line(kind, words % {"application": title}, more, reverse(route, args=[view.number]))
    if waiting[MOST:]:
        yield Line(
            "attention",
            gettext("More applications wait for the decision"),
            "",
            f"{reverse('cases')}?state=waiting",
        )
