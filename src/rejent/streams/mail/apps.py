"""E-mail as an application of Django."""

from rejent.streams import kind


class MailConfig(kind.StreamConfig):
    """Journals of e-mail."""

    name = "rejent.streams.mail"
    label = "mail"
