"""The finder of kinds whose recordings are held by time: the chosen sources, in the time that is asked for."""

from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.stream_parts import Candidate, Search
from rejent.catalog import queries as catalog


def by_time(search: Search) -> list[Candidate]:
    """Return the time that is asked for, of each chosen source.

    Raises ApplicationRefusedError: none is chosen, or one of them is another stream's or unknown.
    """
    wanted = search.application
    if not wanted.source_ids:
        raise ApplicationRefusedError(
            "No source is chosen.",
            part="sources",
            advice="Choose each that may have recorded the place. The provisional hold keeps them all.",
        )
    known = {each.id for each in catalog.sources(wanted.stream, removed=True)}
    if not wanted.source_ids <= known:
        raise ApplicationRefusedError("There is no such source in this stream.", part="sources")
    return [Candidate(each, search.interval) for each in sorted(wanted.source_ids)]
