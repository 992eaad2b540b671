"""Addresses of the provider's site: the toolkit's own, and a login page."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [path("o/", include("oauth2_provider.urls")), path("login/", LoginView.as_view())]
