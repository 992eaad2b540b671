"""The permission of every route.

A route is open to anyone, to whoever is signed in, to whoever's account is confirmed, or to roles with an act of
`rejent.access.rules.decision`; a camera or recording behind it is decided again, by authorisation. A route that is not
in the table is open to nobody, and a test fails the build.
"""

from django.conf import settings
from django.http import HttpRequest

from rejent.access import queries
from rejent.access.rules.decision import NOT_ADMITTED, Decision, Rule, may_administer, unconfirmed
from rejent.access.supervision.queries import OVERSIGHT, may_oversee
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.web.stream_parts import ANYONE, KNOWN, NOBODY, ROUTES, SIGNED_IN

_ENTRANCE = "account_login account_logout account_inactive mfa_authenticate mfa_login_webauthn provider provider-back directory"
_NOT_OFFERED = (
    "account_signup account_email account_email_verification_sent account_set_password account_reset_password "
    "account_reset_password_done account_reset_password_from_key account_reset_password_from_key_done "
    "account_confirm_email account_confirm_login_code"
)
_OWN_ACCOUNT = (
    "account_reauthenticate account_change_password mfa_index mfa_reauthenticate mfa_activate_totp "
    "mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes "
    "mfa_list_webauthn mfa_add_webauthn mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_edit_webauthn"
)

ROUTE_PERMISSIONS: dict[str, str] = {
    **dict.fromkeys(_ENTRANCE.split(), ANYONE),
    **dict.fromkeys(_NOT_OFFERED.split(), NOBODY),
    **dict.fromkeys(_OWN_ACCOUNT.split(), SIGNED_IN),
    "choice": ANYONE,
    "copy-check": ANYONE,
    "plate-scanned": ANYONE,
    "public-root": ANYONE,
    "public": ANYONE,
    "public-file": ANYONE,
    "start": SIGNED_IN,
    "preferences": SIGNED_IN,
    "regulation": SIGNED_IN,
    "viewing": KNOWN,
    "viewing-presented": KNOWN,
    "viewing-standing": KNOWN,
    "viewing-close": KNOWN,
    "viewing-guests": KNOWN,
    "second-asked": KNOWN,
    "second-open": KNOWN,
    "second-answer": KNOWN,
    "viewings": "see-viewings",
    "protocols": KNOWN,
    "protocol": KNOWN,
    "protocol-write": KNOWN,
    "protocol-end": KNOWN,
    "protocol-note": KNOWN,
    "protocol-document": KNOWN,
    "protocol-position": "state-position",
    "registers": KNOWN,
    "register": KNOWN,
    "register-export": KNOWN,
    "register-year": KNOWN,
    "register-close": "close-register",
    "register-closed": KNOWN,
    "watches": "see-viewings",
    "supervision": "see-supervision",
    "supervision-digest": "see-supervision",
    "review": "see-supervision",
    "review-enter": "review-viewing",
    "sources": "see-status",
    "source": "see-status",
    "source-switch": "switch-source",
    "storage": "see-storage",
    "due": "see-due",
    "destructions": "see-due",
    "holds": "see-holds",
    "hold": "see-holds",
    "hold-new": "place-hold",
    "hold-end": "end-hold",
    "hold-review": "place-hold",
    "cases": "see-cases",
    "case": "see-cases",
    "case-new": "enter-case",
    "case-enter": "enter-case",
    "case-deadline": "enter-case",
    "case-decide": "decide-case",
    "copies": "see-copies",
    "copy": "see-copies",
    "copy-new": "make-copy",
    "copy-making": "make-copy",
    "copy-progress": "make-copy",
    "copy-redact": "make-copy",
    "copy-part": "make-copy",
    "copy-renew": "renew-copy",
    "copy-label": "see-copies",
    "copy-package": "make-copy",
    "copy-code": "make-copy",
    "copy-export": "make-copy",
    "copy-hand-over": "hand-over-copy",
    "copy-deliver": "hand-over-copy",
    "hand-over-document": "see-copies",
    "hand-over-sign": "hand-over-copy",
    "commissions": "see-copies",
    "commission": KNOWN,
    "commission-new": "appoint-commission",
    "commission-dissolve": "appoint-commission",
    "commission-document": KNOWN,
    "case-correct": "enter-case",
    "case-withdraw": "enter-case",
    "case-tell": "enter-case",
    "case-prolong": "decide-case",
    "case-erase": "decide-case",
    "case-paper": "see-cases",
    "file-begin": KNOWN,
    "file-attach": KNOWN,
    "file-piece": KNOWN,
    "file-finish": KNOWN,
    "file-open": KNOWN,
    "file-remove": KNOWN,
    "file-signatures": KNOWN,
    "notices": "see-notices",
    "plates": "see-notices",
    "plate": "see-notices",
    "plate-document": "see-notices",
    "plate-new": "enter-plate",
    "plates-walk": "check-plate",
    "plate-put-up": "enter-plate",
    "plate-check": "check-plate",
    "plate-take-down": "enter-plate",
    "publications": "see-notices",
    "publication-new": "publish-notices",
    "publication-end": "publish-notices",
    "accessibility": "publish-notices",
    "notices-bundle": "publish-notices",
    "notice-documents": "see-notice-documents",
    "notice-document": "see-notice-documents",
    "notice-document-file": "see-notice-documents",
    "notice-wordings": "word-notices",
    "notice-wording": "word-notices",
    "ledger": "see-ledger",
    "entry": "see-ledger",
    "entry-proof": "see-ledger",
    "ledger-export": "see-ledger",
    "authorisations": "see-authorisations",
    "authorisation-document": KNOWN,
    "authorisation-new": "issue-authorisation",
    "authorisation-revoke": "revoke-authorisation",
    "authorisation-renew": "issue-authorisation",
    "me": KNOWN,
    "own-statement": SIGNED_IN,
    "statement": KNOWN,
    "statement-document": KNOWN,
    "statements": "see-statements",
    "statement-enter": "enter-statement",
    "absences": "see-absences",
    "absence-new": "enter-absence",
    "absence-end": "enter-absence",
    "breaches": "see-breaches",
    "breach": "see-breaches",
    "breach-new": "enter-breach",
    "breach-close": "enter-breach",
    "faults": "see-faults",
    "fault-new": "enter-fault",
    "fault-close": "enter-fault",
    "agreement-new": "enter-agreement",
    "agreement-end": "enter-agreement",
    "stations": "see-stations",
    "station-revoke": "revoke-station",
    "people": "see-people",
    "people-import": "add-person",
    "person-new": "add-person",
    "person": "see-people",
    "person-roles": "add-person",
    "person-password": "add-person",
    "person-left": "add-person",
    "person-confirm": "confirm-sign-in",
    "person-link": "add-person",
    "person-unlink": "add-person",
    "person-password-off": "add-person",
    "gate-enter": "enter-gate",
    "clock-confirm": "confirm-clock",
    "promises": "check-promises",
    "promise-check": "check-promises",
    **{route: act for _, routes in ROUTES.items() for route, act in routes.permissions.items()},
}

BEFORE_ADMISSION = frozenset({*_OWN_ACCOUNT.split(), "start", "own-statement", "preferences", "regulation"})
"""Pages of somebody whose statement the regulation demands before anything else opens; the start leads to the statement."""

SHOWING_ROUTES = frozenset(
    {
        "viewing", "viewing-guests", "second-asked", "second-open", "second-answer", "protocols", "protocol",
        "protocol-write", "protocol-note", "protocol-document", "file-open", "file-signatures", "copy-part",
    }
).union(*(routes.showing for _, routes in ROUTES.items()))  # fmt: skip
"""Doors behind which numbers or recordings stand, or what was said of them: to read there, too, one's account must be as it was entered."""


def why_shut(person: PersonView | None, request: HttpRequest) -> Decision | None:
    """Return the decision for what alone is lacking (the head's absence, a fault, a confirmed account); None for other reasons."""
    match = request.resolver_match
    if person is None or match is None:
        return None
    if not person.admitted:
        return NOT_ADMITTED
    if person.sign_in is not SignIn.CONFIRMED:
        return unconfirmed(person.sign_in)
    decision = may_administer(person.roles, ROUTE_PERMISSIONS.get(match.url_name or "", NOBODY))
    return decision if decision.rule in {Rule.NOT_ACTING, Rule.NOT_CALLED_IN} else None


def may_enter(person: PersonView | None, route: str) -> bool:
    """Return whether a route is open to a person; one that is not in the table is open to nobody."""
    act = ROUTE_PERMISSIONS.get(route, NOBODY)
    if act in {NOBODY, ANYONE}:
        return act == ANYONE
    if person is None or not (person.admitted or route in BEFORE_ADMISSION):
        return False
    if act == KNOWN:
        return person.sign_in is SignIn.CONFIRMED
    if act in OVERSIGHT:
        return may_oversee(person.roles, act, clock=settings.CLOCK)
    return act == SIGNED_IN or queries.may_handle(person, act, clock=settings.CLOCK)
