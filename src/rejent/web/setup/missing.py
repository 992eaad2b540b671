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
from rejent.office.people.mailing import read_mail_server
from rejent.office.regulation.gates import Activation, Condition, GateState
from rejent.office.regulation.provisions import StreamRules
from rejent.office.regulation.vocabulary import Stations
from rejent.office.services.mail_server import standing_of
from rejent.office.services.paper_copies import PaperCopy, Secret
from rejent.office.services.regulation import ENTERED
from rejent.retention import queries as retention
from rejent.retention.rounds.alarms import MAIL_FAILS
from rejent.vault.keys.root_key import FileRoot
from rejent.web.pages.storage import storage_place
from rejent.web.requests.visitor import PersonRequest
from rejent.web.setup.mail_server import standing_words
from rejent.web.setup.paper_copies import find_kept, last_backup_at
from rejent.web.stream_parts import PAGES
from rejent.web.words.identifiers import in_words
from rejent.web.words.states import condition_words
from rejent.web.words.wording import day_digits, moment_digits, sentence_words, size_words

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
    if any(rules.access.stations is Stations.LISTED for rules in streams.values()):
        listed = [one for one in stations.stations() if one.lack(settings.CLOCK.now()) is None]
        words = ngettext("%(n)s station is listed.", "%(n)s stations are listed.", len(listed)) % {
            "n": len(listed)
        }
        yield Item(MET if listed else MISSING, gettext("stations"), words, "stations", gettext("Stations"))
    yield _storage()
    yield _mail_server()
    yield _passphrase()
    yield _backup()


def _storage() -> Item:
    forecast = catalog.storage_forecast(clock=settings.CLOCK)
    words = gettext("It holds the retention period.")
    if not forecast.is_measured:
        words = gettext("Whether it holds the retention period is known once something is recorded.")
    elif not forecast.enough:
        words = gettext("It does not hold the retention period: on a full disk recording stops.")
    free = "" if forecast.free is None else gettext("Free: %(size)s.") % {"size": size_words(forecast.free)}
    where = gettext("Recordings lie in: %(place)s.") % {"place": storage_place(settings.INSTALLATION)}
    met = forecast.enough and forecast.is_measured
    said = " ".join(filter(None, (where, free, words)))
    return Item(MET if met else WAITS, gettext("room for recordings"), said, "storage", gettext("Storage"))


def _mail_server() -> Item:
    title, action = gettext("mail server for reminders"), gettext("Mail server")
    server = read_mail_server(settings.INSTALLATION.secrets)
    if server is None:
        words = gettext("None is set: deadlines stand on the start page alone.")
        return Item(WAITS, title, words, "mail-server", action)
    standing = standing_of(server)
    fails = next((one for one in retention.alarms() if one.kind == MAIL_FAILS), None)
    words = (
        gettext("It takes no reminders since %(moment)s.") % {"moment": moment_digits(fails.raised_at)}
        if fails
        else standing_words(standing)
    )
    said = gettext("It is %(host)s.") % {"host": server.host} + " " + words
    met = bool(standing.passed) and fails is None
    return Item(MET if met else WAITS, title, said, "mail-server", action)


def _passphrase() -> Item:
    title, action = gettext("passphrase of the key store"), gettext("Paper copies")
    if settings.VAULT.root == FileRoot.kind:
        words = gettext(
            "None is set: the key store is opened by the file keys/root. It is chosen when the installation is made: REJENT_PASSPHRASE_FILE, before rejent init."
        )
        return Item(WAITS, title, words, "paper-copies", action)
    kept = find_kept(Secret.KEY_STORE)
    if kept is None:
        words = gettext(
            "It is set. No paper copy of it is known to be kept: without one, a lost file loses every recording."
        )
        return Item(MISSING, title, words, "paper-copies", action)
    return Item(MET, title, _kept_words(kept), "paper-copies", action)


def _backup() -> Item:
    title, action, made = gettext("backup of the keys"), gettext("Paper copies"), last_backup_at()
    if made is None:
        words = gettext("None was made: if the disk of the keys breaks, no recording opens any more.")
        return Item(WAITS, title, words, "paper-copies", action)
    kept = find_kept(Secret.KEY_BACKUP)
    words = gettext("Last made on %(day)s.") % {"day": day_digits(civil_date(made))} + " "
    words += _kept_words(kept) if kept else gettext("No paper copy of its passphrase is known to be kept.")
    return Item(MET if kept else WAITS, title, words, "paper-copies", action)


def _kept_words(kept: PaperCopy) -> str:
    facts = {"envelope": kept.envelope, "place": kept.place, "day": day_digits(kept.on)}
    return gettext("Paper copy: envelope %(envelope)s, %(place)s, since %(day)s, as was entered.") % facts
