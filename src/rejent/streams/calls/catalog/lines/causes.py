"""Causes of gaps of lines."""

from rejent.recording.contract import Cause


class LineCause(Cause):
    """Causes why the calls of a line are not recorded."""

    CANNOT_LISTEN = "cannot-listen"
    """The port for calls is in use, or the address is none of this machine."""
    NO_ROOM = "no-room"
    """As many calls are recorded as can be at once: another was refused."""
    OVERLOADED = "overloaded"
    """This machine no longer takes packets in time: further calls are refused before current ones lose any."""
    FOLDER_GONE = "folder-gone"
    """The folder of a PBX that records itself is missing, or may not be read."""
    CANNOT_WATCH = "cannot-watch"
    """The interface of a mirror port is missing, down, or may not be read."""
    UNPLUGGED = "unplugged"
    """Nothing is connected to that interface."""
    MIRROR_DROPPED = "mirror-dropped"
    """This machine had no room for some frames of a mirror port: calls may have been missed."""
    NO_RECORDING = "no-recording"
    """The exchange told of a call, and no recording of it is there."""
