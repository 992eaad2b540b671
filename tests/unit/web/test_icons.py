"""Every icon that a page names is in the sprite; one that is not leaves a blank."""

import re
from pathlib import Path

import rejent

PACKAGE = Path(rejent.__file__).parent
SPRITE = PACKAGE / "web/static/vendor/tabler/sprite.svg"


def test_every_icon_of_a_template_is_in_the_sprite() -> None:
    """Of every folder, those of streams among them."""
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text()))
    templates = [file for file in PACKAGE.rglob("*.html") if "templates" in file.parts]
    named = {name for file in templates for name in re.findall(r'{% icon "([a-z0-9-]+)"', file.read_text())}
    assert "lock" in drawn & named
    assert named <= drawn
