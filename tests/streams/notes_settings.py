"""The program's settings with notes as one kind of stream more."""

import tests.streams.registered  # isort: skip  # noqa: F401 - before the settings, which install what is registered
from rejent.ops.settings import *  # noqa: F403 - everything of the program stays as it is
