"""The word for each role, for every page, form and document."""

from django.utils.functional import Promise

from rejent.office.models import Role

ROLES: dict[str, str | Promise] = {role.value: role.label for role in Role}
"""In the order in which they are offered."""
