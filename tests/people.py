"""People whose accounts are settled: their own password, confirmed to be theirs."""

from collections.abc import Iterable

from rejent.kernel.clock import Clock
from rejent.office.views import PersonView


def add_person(
    name: str, *, post: str, roles: Iterable[str], username: str, password: str, clock: Clock, actor: str
) -> PersonView:
    """Enter a person as `rejent.office.services.add_person` does; they choose their password, and it is confirmed to be they."""
    from rejent.office import queries, services
    from rejent.office.models import Account

    made = services.add_person(
        name, post=post, roles=roles, username=username, password=password, clock=clock, actor=actor
    )
    services.change_own_password(Account.objects.get(person_id=made.id), password, clock=clock)
    services.confirm_sign_in(made.id, clock=clock, actor="")
    return queries.person(made.id)
