"""Addresses of the HTTP interface."""

from django.urls import path

from rejent.api.health import healthz, readyz
from rejent.api.metrics import metrics
from rejent.api.refusals import no_such_address
from rejent.api.routes import api

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", api.urls),
    path("api/<path:rest>", no_such_address),
]
