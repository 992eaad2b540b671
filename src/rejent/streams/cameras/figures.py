"""Figures of cameras' recordings for the command, besides those of every source."""

from collections.abc import Mapping

from rejent.cli.stream_parts import StreamFigures
from rejent.kernel.clock import Clock


def _status(clock: Clock) -> Mapping[str, object]:
    from rejent.catalog import queries

    shown = {
        source.name: source.health.traits["certificate"]
        for source in queries.sources("video", clock=clock)
        if source.health is not None and source.health.traits.get("certificate")
    }
    return {"untrusted_certificates": shown}


def _lines(figures: Mapping[str, object]) -> list[str]:
    shown = figures["untrusted_certificates"]
    return [
        f"{name} shows an untrusted certificate, SHA-256 {fingerprint}; compare it with the camera's own pages, then: "
        "rejent source change DIR --name NAME --fingerprint SHA256"
        for name, fingerprint in (shown.items() if isinstance(shown, dict) else ())
    ]


FIGURES = StreamFigures(status=_status, lines=_lines, of_object=lambda _: {})
