"""Acts of telling people that the ledger enters."""

from django.utils.translation import gettext_lazy as _

from rejent.kernel.acts import Act

WORDING_ENTERED = Act(
    "notices.wording-entered",
    _(
        "Own wording {number} of the passage “{passage}” ({stream}, {language}) entered, in force from {in_force_from}"
    ),
    with_fact={
        "ended": _(
            "The passage “{passage}” ({stream}, {language}) goes back to the program's wording from {in_force_from} by entry {number}"
        )
    },
)
"""With the digest of the text; the text stands in the row, bound by this entry."""

REGULATION_TEXT_ENTERED = Act(
    "regulation.text-entered",
    _(
        "The office's text {number} of the regulation entered, compared with the parameters of version {version}"
    ),
)
"""With the digest of the file, which stands in the row; whoever entered it stated that they had compared both."""

PLATE_ENTERED = Act("plate.entered", _("Plate {number} entered"))
"""What is printed on it stands in the row, bound by this entry; it does not hang yet."""

PLATE_PUT_UP = Act(
    "plate.put-up", _("Plate {number} put up on {up_since}, to be looked at from {next_check_on} on")
)
"""From the day after, what it marks counts as marked."""

PLATE_CHECKED = Act("plate.checked", _("Plate {number} looked at: {found}; next on {next_check_on}"))

PLATE_TAKEN_DOWN = Act("plate.taken-down", _("Plate {number} taken down on {down_on}: {reason}"))

NOTICES_PUBLISHED = Act(
    "publication.entered", _("Publication {number} entered: {channel}, since {published_on}")
)
"""With the digest of what was published about each stream."""

PUBLICATION_ENDED = Act("publication.ended", _("Publication {number} ended on {ended_on}"))

BUNDLE_MADE = Act("publication.bundle-made", _("Bundle of notices for publication made: {files} files"))
"""With the digest over all of its files."""

ACCESSIBILITY_STATED = Act(
    "publication.accessibility-stated", _("Facts {number} for the statement of accessibility entered")
)
