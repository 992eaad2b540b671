"""A call that was opened, as WAVs: a leg as it was received where that can be, or both as stereo. Runs only in the workshop's child processes."""

import json
from collections.abc import Sequence

from rejent.content.errors import UndecodableError
from rejent.formats.errors import NoCallError
from rejent.formats.matroska.reader import CallReader
from rejent.formats.sound.legs import read_sound
from rejent.formats.sound.wav import leg_wav, stereo_wav


def as_wav(objects: Sequence[bytes], leg: int | None) -> bytes:
    """Return a line of JSON with the fields of `rejent.streams.calls.player.workshop.CallWav`, and behind it the file.

    Args:
        objects: what was opened of one call, in any order.
        leg: its place among the legs, from 0; none for the first two as left and right.

    Raises:
        UndecodableError: it is no call, more than one, or there is no such leg.
    """
    try:
        readers = sorted(map(CallReader, objects), key=lambda reader: reader.number)
        if len({(reader.call, reader.number) for reader in readers}) < len(readers):
            raise UndecodableError("an object twice")
        if len({reader.call for reader in readers}) != 1:
            raise UndecodableError("more than one call")
        sound = read_sound(readers)
        chosen = sound.legs[:2] if leg is None else [sound.legs[leg]]
        made = stereo_wav(sound) if leg is None else leg_wav(sound, chosen[0])
    except (NoCallError, ValueError, KeyError, IndexError) as error:
        raise UndecodableError("no call") from error
    told = {
        "legs": len(sound.legs),
        "codecs": list(dict.fromkeys(codec.name for each in chosen for codec in each.codecs)),
        "as_received": made.as_received,
        "silent": made.undecoded,
    }
    return json.dumps(told).encode() + b"\n" + made.content
