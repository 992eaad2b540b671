"""Loads, when it is imported, the whole program, but nothing of an installation.

What is forked from a process that has imported it calls `begin` and then opens an installation of its own, as a process does that
has just begun.
"""

import atexit
import gc
import os
import pkgutil
import sys
from importlib import import_module

BESIDES = (
    "django.contrib.auth.hashers",
    "django.core.management.commands.migrate",
    "rejent.registers.guard.sqlite.base",
    "django.template.backends.django",
    "phonenumbers",
    "pydantic.main",
    "typer._adapters",
)
"""Modules of others that the program imports late."""
SETTINGS = "rejent.ops.settings"
LEFT_OUT = (SETTINGS, "rejent.ops.serving.asgi", "rejent.__main__")
"""Modules that open an installation when they are imported, or run the program."""


def begin() -> None:
    """Forget the settings: those of the installation that is opened next are read anew."""
    from asgiref.local import Local
    from django.conf import settings
    from django.core.cache import caches
    from django.db import connections
    from django.utils.functional import empty

    atexit.unregister(connections.close_all)
    settings._wrapped = empty
    sys.modules.pop(SETTINGS, None)
    for handler in (connections, caches):
        handler._settings = None
        handler.__dict__.pop("settings", None)
        handler._connections = Local(handler.thread_critical)


def _load() -> None:
    from rejent.cli.command_setup import set_up_alone

    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    set_up_alone()
    import rejent
    from rejent.office import queries
    from rejent.office.regulation.loading import EXAMPLES, example

    for module in pkgutil.walk_packages(rejent.__path__, "rejent."):
        if module.name not in LEFT_OUT and not module.name.endswith("__main__"):
            import_module(module.name)
    for name in BESIDES:
        import_module(name)
    for name in EXAMPLES:
        queries._loaded(example(name))
    for name in ("DJANGO_SETTINGS_MODULE", "REJENT_DIR"):
        del os.environ[name]
    gc.freeze()


_load()
