"""Every address of the site."""

from django.urls import include, path

urlpatterns = [path("", include("rejent.web.urls")), path("", include("rejent.api.urls"))]

handler400 = "rejent.web.refusals.bad_request"
handler403 = "rejent.web.refusals.forbidden"
handler404 = "rejent.web.refusals.not_found"
handler500 = "rejent.web.refusals.failed"
