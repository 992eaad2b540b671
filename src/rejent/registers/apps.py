"""The registers as a part of the site."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RegistersConfig(AppConfig):
    """Collects the acts of every subject, so that each has its sentence."""

    name = "rejent.registers"
    label = "registers"
    verbose_name = _("Registers")

    def ready(self) -> None:
        """Import each subject's ``acts``; a name given twice, or a guarded column that is none, stops the program here."""
        from rejent.registers.guard.checks import require_declared

        autodiscover_modules("acts")
        require_declared()
