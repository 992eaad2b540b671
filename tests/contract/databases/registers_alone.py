"""The site's settings with the registers as the only subject, so that a process starts quickly."""

from rejent.site.settings import *  # noqa: F403

INSTALLED_APPS = ["rejent.registers"]
MIDDLEWARE: list[str] = []
