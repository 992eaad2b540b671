"""Resample decoded sound within bounds: what a file says of its rate and channels decides memory and time."""

from collections.abc import Iterable

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

LOWEST_RATE, HIGHEST_RATE = 1_000, 192_000
"""Samples a second; telephony has 6 000 to 48 000, studios up to 192 000. libav's filter grows with the ratio of two rates."""
MAX_CHANNELS = 8
"""Exchanges write one or two, 7.1 has eight."""


class SoundResampler:
    """Resamples frames of one form to another form, layout and rate, as libav names them."""

    def __init__(self, form: str, layout: str, rate: int) -> None:
        self._libav = AudioResampler(format=form, layout=layout, rate=rate)

    def resample(self, frame: AudioFrame) -> list[AudioFrame]:
        """Return what a frame yields; ValueError for a rate or channels beyond the bounds, or not those of the frames before."""
        channels = len(frame.layout.channels)
        if not LOWEST_RATE <= frame.sample_rate <= HIGHEST_RATE or channels > MAX_CHANNELS:
            raise ValueError("the rate or the channels of a sound are beyond the bounds")
        return self._libav.resample(frame)

    def finish(self) -> list[AudioFrame]:
        """Return what is left in the filter."""
        return self._libav.resample(None)


def raw_samples(frames: Iterable[AudioFrame]) -> bytes:
    """Return the samples of 16 bits in the first plane of each frame."""
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)
