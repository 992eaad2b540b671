"""The description of a package for research archives: RO-Crate 1.1 over ``data/``, written by hand as JSON-LD."""

import json
from collections.abc import Mapping, Sequence

from rejent.evidence.contents import PackageContents, written_instant

PATH = "data/ro-crate-metadata.json"


def crate(contents: PackageContents, files: Sequence[Mapping[str, object]]) -> bytes:
    """Return the description; ``files`` are those below ``data/`` that were written so far, with media types."""
    parts = [
        {
            "@id": str(each["path"]).removeprefix("data/"),
            "@type": "File",
            "contentSize": str(each["bytes"]),
            "encodingFormat": each["media_type"],
            "sha256": each["sha256"],
        }
        for each in files
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{contents.number}: {contents.source}",
        "description": f"{contents.kind}: {contents.source}. {contents.clock.sentence}",
        "identifier": contents.number,
        "datePublished": written_instant(contents.made_at),
        "temporalCoverage": f"{written_instant(contents.interval.start)}/{written_instant(contents.interval.end)}",
        "license": "Only for the purpose for which the office disclosed it.",
        "publisher": {"@id": "#office"},
        "hasPart": [{"@id": each["@id"]} for each in parts],
    }
    metadata = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    office = {"@id": "#office", "@type": "GovernmentOrganization", "name": contents.office}
    graph = {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [metadata, root, office, *parts],
    }
    return (json.dumps(graph, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
