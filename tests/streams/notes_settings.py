"""The program's settings with notes as one kind of stream more."""

from rejent.ops.settings import *  # noqa: F403 - everything of the program stays as it is
from rejent.ops.settings import INSTALLED_APPS as _INSTALLED

INSTALLED_APPS = ["tests.streams.notes", *_INSTALLED]
