"""What is still missing before recording may start: by stream, with dates, and with the page on which it is entered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext

from rejent.access import authorisation_queries
from rejent.catalog import queries as catalog
from rejent.devices import queries as stations
from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.office.errors import NoRegulationError
from rejent.office.regulation.gates import Activation, Condition, GateState
from rejent.office.regulation.provisions import StreamRules
from rejent.office.regulation.vocabulary import Stations
from rejent.office.services.regulation import ENTERED
from rejent.vault.keys.root_key import FileRoot
from rejent.web.requests.visitor import PersonRequest
from rejent.web.stream_parts import PAGES
from rejent.web.words.identifiers import in_words
from rejent.web.words.states import condition_words
from rejent.web.words.wording import sentence_words

MET, WAITS, MISSING = "recording", "attention", "stopped"
_STATES = {GateState.MET: MET, GateState.WAITING: WAITS, GateState.MISSING: MISSING}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a start needs: its state, what it is, what is said of it, and the page on which it is entered, with the words of its link."""

    kind: str
    title: str
    words: str
    route: str = ""
    action: str = ""


def missing(request: PersonRequest) -> HttpResponse:
    """List what each stream needs before its first recording, and what the installation needs besides."""
    streams = _streams()
    parts = [(_title(name), list(_of_stream(name, rules))) for name, rules in streams.items()]
    parts.append((gettext("The installation"), list(_of_installation(streams))))
    lacking = sum(item.kind != MET for _, items in parts for item in items)
    return render(request, "setup/missing.html", {"parts": parts, "lacking": lacking})


def _streams() -> Mapping[str, StreamRules]:
    try:
        prescribed = queries.verified_regulation(civil_date(settings.CLOCK.now())).streams
    except NoRegulationError:
        return {}
    kinds = {name for name, _ in PAGES.items()}
    return {name: rules for name, rules in prescribed.items() if name in kinds}


def _title(stream: str) -> str:
    title = in_words("stream", stream) or stream
    return title[0].upper() + title[1:]


def _of_stream(name: str, rules: StreamRules) -> Iterator[Item]:
    activation = queries.gates(name, civil_date(settings.CLOCK.now()))
    for condition in activation.conditions:
        yield _condition(condition)
    yield _sources(name)
    yield from _find_unmarked(activation)
    if rules.access.recordings:
        yield _check_authorised(name)


def _condition(condition: Condition) -> Item:
    enters = condition.state is GateState.MISSING and condition.name in ENTERED
    return Item(
        _STATES[condition.state],
        condition_words(condition.name),
        sentence_words(condition.statement),
        "regulation" if enters else "",
        gettext("Enter the day") if enters else "",
    )


def _sources(stream: str) -> Item:
    count = sum(found == stream for found in catalog.streams().values())
    add = PAGES.of(stream).sources.add
    words = ngettext("%(n)s source is entered.", "%(n)s sources are entered.", count) % {"n": count}
    route, action = (add[0], str(add[1])) if add else ("sources", gettext("Sources"))
    return Item(MET if count else MISSING, gettext("sources"), words, route, action)


def _find_unmarked(activation: Activation) -> Iterator[Item]:
    for source, condition in catalog.unmarked_sources(activation):
        title = gettext("plate at the place of: %(source)s") % {"source": source}
        yield Item(
            _STATES[condition.state], title, sentence_words(condition.statement), "plates", gettext("Plates")
        )


def _check_authorised(stream: str) -> Item:
    now = settings.CLOCK.now()
    count = sum(one.stream == stream for one in authorisation_queries.authorisations(valid_at=now))
    words = ngettext("%(n)s authorisation is valid.", "%(n)s authorisations are valid.", count) % {"n": count}
    route, action = "authorisations", gettext("Authorisations")
    return Item(MET if count else WAITS, gettext("authorisations"), words, route, action)


def _of_installation(streams: Mapping[str, StreamRules]) -> Iterator[Item]:
    installation = settings.INSTALLATION
    forecast = catalog.storage_forecast(clock=settings.CLOCK)
    met = forecast.enough and forecast.is_measured
    words = gettext("It holds the retention period.")
    if not forecast.is_measured:
        words = gettext("Whether it holds the retention period is known once something is recorded.")
    elif not forecast.enough:
        words = gettext("It does not hold the retention period: on a full disk recording stops.")
    yield Item(MET if met else WAITS, gettext("storage"), words, "storage", gettext("Storage"))
    if any(rules.access.stations is Stations.LISTED for rules in streams.values()):
        listed = [one for one in stations.stations() if one.lack(settings.CLOCK.now()) is None]
        words = ngettext("%(n)s station is listed.", "%(n)s stations are listed.", len(listed)) % {
            "n": len(listed)
        }
        yield Item(MET if listed else MISSING, gettext("stations"), words, "stations", gettext("Stations"))
    reminded = installation.mail is not None
    yield Item(
        MET if reminded else WAITS,
        gettext("mail server for reminders"),
        gettext("It is set.")
        if reminded
        else gettext(
            "It is not set: deadlines stand on the start page alone. Section [reminders] of rejent.toml on the server."
        ),
    )
    by_file = settings.VAULT.root == FileRoot.kind
    yield Item(
        WAITS if by_file else MET,
        gettext("passphrase of the key store"),
        gettext(
            "None is set: the key store is opened by the file keys/root. It is chosen when the installation is made: REJENT_PASSPHRASE_FILE, before rejent init."
        )
        if by_file
        else gettext("It is set. Keep its copy on paper, in a closed envelope, apart from the server."),
    )
