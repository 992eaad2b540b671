"""Every address of the site."""

from django.urls import include, path

urlpatterns = [
    path("", include("rejent.web.urls")),
    path("", include("rejent.api.urls")),
]
