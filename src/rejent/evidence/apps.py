"""Django's name for this subject; it has no rows, only the sentence of an act."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Evidence packages."""

    name = "rejent.evidence"
    label = "evidence"
