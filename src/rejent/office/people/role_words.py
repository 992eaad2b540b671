"""The word for each role and each ground of work, for every page, form and document."""

from django.utils.functional import Promise

from rejent.office.models import Engagement, Role

ROLES: dict[str, str | Promise] = {role.value: role.label for role in Role}
"""In the order in which they are offered."""
ENGAGEMENTS: dict[str, str | Promise] = {each.value: each.label for each in Engagement}
