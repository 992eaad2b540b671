"""What an office has of its devices: ``python -m tests.streams.device_steps DIR SOURCE`` prints JSON."""

import json
import os
import sys


def main(directory: str, *sources: str) -> None:
    """Print the notes that are read of each source, each told twice once, and the facts about batches."""
    os.environ["REJENT_DIR"] = directory
    from rejent.cli.command_setup import set_up

    set_up()
    from datetime import UTC, datetime

    from django.conf import settings

    from rejent.catalog import queries as catalog
    from rejent.devices import queries as devices
    from rejent.formats.record_index import RecordIndex
    from rejent.formats.records import records_of

    beginning, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    kept: dict[str, dict[str, str]] = {source: {} for source in sources}
    for source in sources:
        for segment in catalog.segments(source, beginning, end):
            content = settings.OPENER(segment)
            for place in RecordIndex.decode(segment.index).places:
                for one in records_of(content.read(place.offset, place.length)):
                    kept[source][f"{one.origin} {one.sequence}"] = (
                        f"{one.at.isoformat()} {one.content.decode()}"
                    )
    facts = [
        [devices.device(one.device_id).name, one.kind, one.first, one.last] for one in devices.chain_facts()
    ]
    sys.stdout.write(
        json.dumps({"kept": {source: list(found.values()) for source, found in kept.items()}, "facts": facts})
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
