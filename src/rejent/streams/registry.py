"""The kinds of streams that are installed: one line a kind, which the settings install."""

KINDS = ("rejent.streams.cameras", "rejent.streams.calls")
