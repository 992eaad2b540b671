"""Causes why a journal receives nothing."""

from rejent.recording.contract import Cause


class MailCause(Cause):
    """Causes that only e-mail has."""

    CANNOT_LISTEN = "mail-cannot-listen"
    """The address is taken by another program."""
    NO_CERTIFICATE = "mail-no-certificate"
    """Its certificate or key, or its file of senders, cannot be used."""
    NO_MAPS = "mail-no-maps"
    """The mail server's maps of aliases cannot be read, so that who is exempt is not known."""
    LOG_DIFFERS = "mail-log-differs"
    """The mail server's log lists messages that are not accounted for, at some time of the day."""
    PASSED_BY = "mail-passed-by"
    """A milter did not keep a message, which is delivered all the same."""
    NO_ROLE_KEYS = "mail-no-role-keys"
    """One of the two roles has no key, and nothing is received that two people could not open."""
