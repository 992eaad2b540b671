"""Django's handle on this subject."""

from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    """The subject ``attachments``."""

    name = "rejent.cases.attachments"
    label = "attachments"
