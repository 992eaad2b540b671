"""One process under the supervisor: ``python -m rejent.site.process web|keeper|recorder …``."""

import os
import signal
import sys
import threading

import django
import structlog


def main(arguments: list[str]) -> int:
    """Run the named process until its end; returns the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.site.settings")
    from rejent.site.logs import configure_logs

    configure_logs()
    kind, *rest = arguments
    structlog.contextvars.bind_contextvars(
        process="-".join([kind, *rest[:1]]) if kind == "recorder" else kind
    )
    django.setup()
    if kind == "recorder":
        _confine()
    threading.Thread(target=_stop_with_supervisor, daemon=True).start()
    match kind, rest:
        case "web", [host, port]:
            from rejent.site.serving import serve

            return serve(host, int(port))
        case "keeper", []:
            from rejent.site.keeping import keep_on

            return keep_on()
        case "recorder", [slot]:
            from rejent.site.recorders import record

            return record(int(slot))
    structlog.get_logger().error("process.unknown", kind=kind)
    return 2


def _confine() -> None:
    """Keep a recorder away from the private keys, before it starts anything."""
    from django.conf import settings

    from rejent.vault.confine import confine_recorder

    confinement = confine_recorder(settings.INSTALLATION.directory)
    if not confinement.effective:
        structlog.get_logger().warning("recorder.not-confined", why=confinement.reason)


def _stop_with_supervisor() -> None:
    """Block until the supervisor's end of the pipe closes, then stop as if told to."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
