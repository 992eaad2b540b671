"""What acts about copies and their facts are called in the register of actions."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rejent.cases.copies.views import DeliveryWay
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
    "copy.handed-over": _("Copy handed over"),
    "copy.left": _("Copy counts as handed over"),
    "copy.made": _("Copy made"),
    "copy.planned": _("Plan of a derived copy"),
    "copy.renewed": _("Copy kept longer"),
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
