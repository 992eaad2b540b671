"""Addresses of the pages; the permission of each name stands in `rejent.web.route_permissions`."""

from allauth.mfa import urls as mfa
from django.urls import URLPattern, URLResolver, include, path

from rejent.web.pages import holds, keeping, preferences, regulation, sources, start
from rejent.web.people import absences, authorisations, faults, people, statements, stations
from rejent.web.player import presence, viewing
from rejent.web.registers import exports, ledger, promises, protocols
from rejent.web.signing_in import confirming, identities, way_pages
from rejent.web.signing_in.authenticators import changes_entered
from rejent.web.stream_parts import ROUTES
from rejent.web.supervision import oversight, watches

urlpatterns: list[URLPattern | URLResolver] = [
    *(path("", include(routes.urls)) for _, routes in ROUTES.items()),
    path("", start.start, name="start"),
    path("choice", preferences.choice, name="choice"),
    path("preferences", preferences.preferences, name="preferences"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include(changes_entered(mfa.urlpatterns))),
    path("account/provider", way_pages.provider_begin, name="provider"),
    path("account/provider/back", way_pages.provider_back, name="provider-back"),
    path("account/directory", way_pages.directory, name="directory"),
    path("viewings", watches.viewings, name="viewings"),
    path("viewings/<uuid:viewing_id>", viewing.viewing, name="viewing"),
    path("viewings/asked/<uuid:asked_id>", presence.second_asked, name="second-asked"),
    path("viewings/asked/<uuid:asked_id>/open", presence.second_open, name="second-open"),
    path("viewings/asked/<uuid:asked_id>/answer", presence.second_answer, name="second-answer"),
    path("viewings/<uuid:viewing_id>/guests", presence.viewing_guests, name="viewing-guests"),
    path("viewings/<uuid:viewing_id>/close", viewing.viewing_close, name="viewing-close"),
    path("viewings/<uuid:viewing_id>/standing", viewing.standing, name="viewing-standing"),
    path("protocols", protocols.protocol_list, name="protocols"),
    path("protocols/export/<str:written>", protocols.protocols_export, name="protocols-export"),
    path("protocols/<str:number>", protocols.protocol, name="protocol"),
    path("protocols/<str:number>/write", protocols.protocol_write, name="protocol-write"),
    path("protocols/<str:number>/end", protocols.protocol_end, name="protocol-end"),
    path("protocols/<str:number>/position", protocols.protocol_position, name="protocol-position"),
    path("protocols/<str:number>/note", protocols.protocol_note, name="protocol-note"),
    path("protocols/<str:number>/document.pdf", protocols.protocol_document, name="protocol-document"),
    path("sources", sources.sources, name="sources"),
    path("sources/<str:source_id>", sources.source, name="source"),
    path("sources/<str:source_id>/switch", sources.source_switch, name="source-switch"),
    path("storage", keeping.storage, name="storage"),
    path("due", keeping.due, name="due"),
    path("due/clock", keeping.clock_confirm, name="clock-confirm"),
    path("destructions", keeping.destructions, name="destructions"),
    path("holds", holds.holds, name="holds"),
    path("holds/new", holds.hold_new, name="hold-new"),
    path("holds/review/<path:number>", holds.hold_review, name="hold-review"),
    path("holds/end/<path:number>", holds.hold_end, name="hold-end"),
    path("holds/<path:number>", holds.hold, name="hold"),
    path("watches", watches.watches, name="watches"),
    path("supervision", oversight.oversight, name="supervision"),
    path("supervision/digest/<str:week>", oversight.digest, name="supervision-digest"),
    path("supervision/review/enter/<path:number>", oversight.review_enter, name="review-enter"),
    path("supervision/review/<path:number>", oversight.review, name="review"),
    path("ledger", ledger.ledger, name="ledger"),
    path("ledger/<int:index>", ledger.entry, name="entry"),
    path("ledger/<int:index>/proof", ledger.entry_proof, name="entry-proof"),
    path("ledger/export/<str:written>", exports.ledger_export, name="ledger-export"),
    path("authorisations", authorisations.authorisations, name="authorisations"),
    path("authorisations/new", authorisations.authorisation_new, name="authorisation-new"),
    path(
        "authorisations/revoke/<path:number>",
        authorisations.authorisation_revoke,
        name="authorisation-revoke",
    ),
    path(
        "authorisations/renew/<path:number>", authorisations.authorisation_renew, name="authorisation-renew"
    ),
    path("authorisations/export/<str:written>", exports.authorisations_export, name="authorisations-export"),
    path(
        "authorisations/<path:number>/document.pdf",
        exports.authorisation_document,
        name="authorisation-document",
    ),
    path("stations", stations.station_list, name="stations"),
    path("stations/<int:station_id>/revoke", stations.station_revoke, name="station-revoke"),
    path("faults", faults.faults, name="faults"),
    path("faults/new", faults.fault_new, name="fault-new"),
    path("faults/close/<str:number>", faults.fault_close, name="fault-close"),
    path("agreements/new", faults.agreement_new, name="agreement-new"),
    path("agreements/<int:agreement_id>/end", faults.agreement_end, name="agreement-end"),
    path("absences", absences.absences, name="absences"),
    path("absences/new", absences.absence_new, name="absence-new"),
    path("absences/<int:absence_id>/end", absences.absence_end, name="absence-end"),
    path("statements", statements.statements, name="statements"),
    path("statements/<uuid:person_id>", statements.statement_enter, name="statement-enter"),
    path("people", people.people, name="people"),
    path("people/new", people.person_new, name="person-new"),
    path("people/<uuid:person_id>", people.person, name="person"),
    path("people/<uuid:person_id>/roles", people.person_roles, name="person-roles"),
    path("people/<uuid:person_id>/password", people.person_password, name="person-password"),
    path("people/<uuid:person_id>/left", people.person_left, name="person-left"),
    path("people/<uuid:person_id>/confirm", confirming.person_confirm, name="person-confirm"),
    path("people/<uuid:person_id>/link", identities.person_link, name="person-link"),
    path("people/<uuid:person_id>/unlink/<str:way>", identities.person_unlink, name="person-unlink"),
    path("people/<uuid:person_id>/password-off", identities.person_password_off, name="person-password-off"),
    path("regulation", regulation.regulation, name="regulation"),
    path("regulation/<str:stream>/<str:kind>", regulation.gate_enter, name="gate-enter"),
    path("promises", promises.promises, name="promises"),
    path("promises/check", promises.promise_check, name="promise-check"),
]
