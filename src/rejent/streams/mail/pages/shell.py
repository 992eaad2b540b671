"""Parts of the pages of e-mail that the pages of every stream ask for."""

from datetime import timedelta
from itertools import chain
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.mail.messages.addresses import shown_address
from rejent.streams.mail.pages.keys import keys_waiting
from rejent.streams.mail.pages.openings import openings_waiting, scope_of
from rejent.streams.mail.pages.role_keys import keys_lacking
from rejent.streams.mail.pages.viewing import viewing_page
from rejent.streams.mail.pages.words import IMPORT_FORMS
from rejent.streams.mail.records.counts import days
from rejent.streams.mail.records.exempt_groups import UNREAD
from rejent.streams.mail.records.imports import imports
from rejent.streams.mail.sources import GROUPED, is_history, is_milter
from rejent.streams.mail.threats.alarms import FAILED, FOUND, UNCHECKED
from rejent.streams.mail.threats.settings import mail_settings
from rejent.web.desk import Desk
from rejent.web.stream_parts import Place, SourcePages, StreamPages, ViewingWords, not_barred
from rejent.web.words.wording import number

_DAYS = 7


def _counted(count: int, length: str) -> str:  # noqa: ARG001 - messages last no time
    sentence = ngettext("%(n)s reading.", "%(n)s readings.", count)
    return sentence % {"n": number(count)}


def _of_journal(source: SourceView) -> dict[str, Any]:
    since = civil_date(settings.CLOCK.now()) - timedelta(days=_DAYS)
    lists = {
        name: source.traits.get(name, "").replace(",", ", ")
        for name in ("marks", "networks", "certificate", "senders")
    } | {
        name: ", ".join(map(shown_address, source.traits.get(name, "").split(",")))
        for name in ("recipients", "domains", "reporters")
    }
    exempt = [each for name in ("exempt", GROUPED) for each in source.traits.get(name, "").split(",") if each]
    history = is_history(source.address_shown)
    counted = days(source.id, since)
    return {
        **lists,
        "exempt": len(set(exempt)),
        "days": counted,
        "forgotten": sum(day.forgotten for day in counted),
        "history": history,
        "milter": is_milter(source.address_shown),
        "imports": [(each, IMPORT_FORMS[each.form]) for each in (imports(source.id) if history else ())],
        "checks": _checks(),
    }


def _checks() -> list[str]:
    stated = mail_settings(settings.INSTALLATION)
    scanners = (
        (stated.yara_rules, gettext("YARA rules of the office")),
        (stated.host_lists, gettext("lists of hosts")),
        (stated.clamd, gettext("ClamAV")),
    )
    return [words for used, words in scanners if used]


PAGES = StreamPages(
    show=viewing_page,
    finder="mail-find",
    asked_again=lambda _: reverse("mail-find"),
    words=ViewingWords(
        source=_("Journal"),
        source_on_paper=_("Journal of e-mail"),
        every_source=_("every journal"),
        item_time=_("Day of the messages"),
        sought=_("Which journals may hold it"),
        find=_("Find messages"),
        open=_("Open the messages"),
        protocol=_("Protocol of reading %(number)s"),
        act=_("reading of messages"),
        opening=_("Who read which messages, why, what they held and what follows from it."),
        by=_("Read by"),
        at=_("Date and time of reading"),
        presented=_("Messages opened"),
        signature=_("date and signature of who read"),
        heading=_("The reading"),
        still_open=_("The reading goes on."),
        go_on=_("Go on reading"),
        stop=_("End the reading"),
        guests=_(
            "People without an authorisation read messages only beside somebody who has one. Each is entered, before they read."
        ),
        to_recording=_("To the messages"),
        nobody_else=_("Nobody else reads"),
        ban=_("The screen is neither photographed nor filmed."),
        copied=_(
            "The messages are copied exactly, and sealed under a key of their own. Nobody reads them meanwhile."
        ),
        listed=_("Only listed: sender, subject and time"),
        counted=_counted,
    ),
    group=_("E-mail"),
    places=(
        Place(
            route="mail-find",
            title=_("Find messages"),
            icon="file-text",
            shown=not_barred("recordings", StreamName.MAIL),
            begins="recordings",
        ),
    ),
    by_interval=True,
    by_source=True,
    sources=SourcePages(
        table="mail/journals.html",
        facts="mail/journal_facts.html",
        more="mail/journal_days.html",
        facts_of=_of_journal,
        address=lambda journal: (
            gettext("none; mailboxes are imported")
            if is_history(journal.address_shown)
            else journal.address_shown
        ),
        lasting=False,
        finder=lambda source: f"{reverse('mail-find')}?source={source}",
        empty=(
            _("There is no journal yet"),
            _(
                "A journal takes a port or a socket of the server, so whoever runs the program adds it there, with the command: rejent source add DIR --stream mail --name NAME --listen smtp://ADDRESS:PORT --journal ADDRESS --domain DOMAIN. Messages are received from then on."
            ),
            "file-text",
        ),
    ),
    alarms={
        FOUND: ("sources", _("Something was found in messages; the page of the journal names the rules")),
        UNCHECKED: ("sources", _("Messages were received that were not checked for threats, or not whole")),
        FAILED: (
            "sources",
            _("Messages were kept whose check for threats failed and did not succeed afterwards"),
        ),
        UNREAD: (
            "sources",
            _("An exempt group of the directory cannot be read whole, so nobody is taken out of it"),
        ),
    },
    desk=Desk(
        waits=lambda reader: chain(keys_lacking(reader), openings_waiting(reader), keys_waiting(reader))
    ),
    scope_of=scope_of,
)
