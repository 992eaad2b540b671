"""What cameras keep about a person: the areas recorded, and nothing that is tied to anybody."""

from django.utils.translation import gettext

from rejent.catalog import queries as catalog
from rejent.office.views import PersonView
from rejent.streams.cameras.kind import KIND
from rejent.web.stream_parts import OwnData


def own_data(_person: PersonView) -> OwnData:
    """Return the areas under cameras in use; those that the regulation keeps secret are counted and not named."""
    cameras = [one for one in catalog.sources(KIND.name) if one.switched_on]
    areas = sorted(
        {", ".join(filter(None, (one.building, one.place))) for one in cameras if not one.secret_place}
    )
    secret = sum(one.secret_place for one in cameras)
    kept = [gettext("The picture of the area: %(area)s") % {"area": area} for area in areas if area]
    if secret:
        kept.append(gettext("Areas that the regulation does not name: %(count)s") % {"count": secret})
    return OwnData(
        kept=kept or [gettext("No camera is in use.")],
        unknown=[
            gettext("The program does not recognise faces: it does not know who is in a picture."),
            gettext("With date, time and place you can apply for access to a recording that shows you."),
        ],
    )
