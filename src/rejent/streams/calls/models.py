"""Django looks for rows of calls here; they stand beside what they are about."""

from rejent.streams.calls.catalog import models  # noqa: F401 - named for its rows
