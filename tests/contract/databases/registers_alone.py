"""The site's settings with the registers as the only subject, so that a process starts quickly."""

from rejent.ops.settings import *  # noqa: F403 - everything of the site stays as it is

INSTALLED_APPS = ["rejent.registers"]
MIDDLEWARE: list[str] = []
