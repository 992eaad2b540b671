"""Django looks for rows of calls here; they stand in `rejent.streams.calls.catalog.models`."""

from rejent.streams.calls.catalog import models  # noqa: F401 - named for its rows
