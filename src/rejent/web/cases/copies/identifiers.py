"""What acts about copies and their facts are called in the register of actions."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rejent.cases.copies.views import DeliveryWay, Medium, Signing
from rejent.office.regulation.vocabulary import HandoverDocument
from rejent.web.words.stream_parts import Words

NOUNS: Words = {
    "commission.appointed": _("Commission appointed"),
    "commission.confirmed": _("Destruction of copies confirmed"),
    "commission.dissolved": _("Commission dissolved"),
    "commission.done": _("Commission done"),
    "copy.abandoned": _("Copy not made"),
    "copy.begun": _("Copy begun"),
    "copy.delivered": _("Delivery of a copy entered"),
    "copy.destroyed": _("Copy destroyed"),
    "copy.dying": _("Copy about to be destroyed"),
    "copy.hand-over-prepared": _("Hand-over prepared"),
    "copy.hand-over-signed": _("Paper of a hand-over signed"),
    "copy.hand-over-withdrawn": _("Hand-over withdrawn"),
    "copy.handed-over": _("Copy handed over"),
    "copy.left": _("Copy counts as handed over"),
    "copy.made": _("Copy made"),
    "copy.planned": _("Plan of a derived copy"),
    "copy.renewed": _("Copy kept longer"),
    "copy.unwritten": _("Carrier of a copy taken back"),
    "copy.written": _("Carrier of a copy entered"),
}
FACT_NAMES: Words = {
    "commission": pgettext_lazy("fact of a record", "commission"),
    "copies": pgettext_lazy("fact of a record", "copies"),
    "copy": pgettext_lazy("fact of a record", "copy"),
    "delivery": pgettext_lazy("fact of a record", "how it was delivered"),
    "documents": pgettext_lazy("fact of a record", "papers"),
    "due_before": pgettext_lazy("fact of a record", "was kept until"),
    "due_on": pgettext_lazy("fact of a record", "kept until"),
    "finding": pgettext_lazy("fact of a record", "may be evidence"),
    "handed_at": pgettext_lazy("fact of a record", "handed over"),
    "medium": pgettext_lazy("fact of a record", "carrier"),
    "package": pgettext_lazy("fact of a record", "package"),
    "signed_on": pgettext_lazy("fact of a record", "signed on"),
    "signing": pgettext_lazy("fact of a record", "how it was signed"),
    "last": pgettext_lazy("fact of a record", "the last word"),
    "members": pgettext_lazy("fact of a record", "members"),
    "missing": pgettext_lazy("fact of a record", "stretches not in it"),
    "origin": pgettext_lazy("fact of a record", "derived from"),
    "origin_digest": pgettext_lazy("fact of a record", "SHA-256 of the original"),
    "plan": pgettext_lazy("fact of a record", "SHA-256 of the plan"),
    "regions": pgettext_lazy("fact of a record", "regions hidden"),
    "sent_at": pgettext_lazy("fact of a record", "sent"),
    "received_at": pgettext_lazy("fact of a record", "received"),
    "times": pgettext_lazy("fact of a record", "times changed"),
    "parts": pgettext_lazy("fact of a record", "recordings in it"),
}
MEDIA: Words = {
    Medium.USB: _("USB stick"),
    Medium.DVD: _("DVD"),
    Medium.BLU_RAY: _("Blu-ray disc"),
    Medium.CARD: _("memory card"),
    Medium.DISK: _("external disk"),
    Medium.MESSAGE: _("no carrier: sent as a file by e-Doręczenia"),
}
SIGNINGS: Words = {
    Signing.PAPER: _("by both on paper"),
    Signing.SCREEN: _("by both on the screen"),
    Signing.ELECTRONIC: _("electronically"),
    Signing.SENT: _("by who hands it over; it is sent"),
}
DOCUMENTS: Words = {
    HandoverDocument.PROTOCOL: _("protocol in two identical copies"),
    HandoverDocument.RECEIPT: _("receipt"),
    HandoverDocument.REGISTER: _("signatures in the register of disclosed recordings"),
}
DELIVERIES: Words = {
    DeliveryWay.IN_PERSON: pgettext_lazy("way of a delivery", "in person"),
    DeliveryWay.E_DELIVERY: pgettext_lazy("way of a delivery", "by e-Doręczenia"),
    DeliveryWay.POST: pgettext_lazy("way of a delivery", "by registered post"),
}
REGISTERS: Words = {"copies": _("register of copies"), "disclosures": _("register of disclosed recordings")}
