"""The role by which recorders connect to PostgreSQL, where the office gives them one: it owns nothing and makes nothing.

Whoever runs the server makes the role alone. What it may do is granted before recorders start, of the tables as they are then: all but
those kept back here, so that no table that recorders need is forgotten after an upgrade (docs/design/0027).
"""

import secrets
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction

from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import OFFICE_DATABASE

log = structlog.get_logger()

RECORDERS_DATABASE = "REJENT_RECORDER_DATABASE_URL"
"""The variable that names the database as recorders connect to it: another user and password than the office's."""
OF_THE_OWNER = frozenset({RECORDERS_DATABASE, "PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE"})
"""Variables by which libpq finds the owner's password; no recorder with a role of its own gets them."""
_KEPT_BACK = (
    "access_guest", "account_", "attachments_", "auth_", "cases_", "copies_", "mail_mailopening", "mfa_", "office_account", "office_identity", "office_token",
    "django_migrations", "django_session", "web_cache",
)  # fmt: skip
"""Beginnings of the names of tables that recorders have no use for: who comes in, and who asked for what."""
_POWERS = """
    SELECT r.rolsuper OR r.rolcreaterole OR pg_has_role(r.oid, t.relowner, 'MEMBER'),
        has_schema_privilege(r.oid, t.relnamespace, 'CREATE'),
        ARRAY(SELECT c.relname FROM pg_class c WHERE c.relnamespace = t.relnamespace AND c.relname = ANY (%s)
            AND has_any_column_privilege(r.oid, c.oid, 'SELECT') ORDER BY 1)
    FROM pg_roles r, pg_class t WHERE r.rolname = %s AND t.oid = 'registers_entry'::regclass
"""


def recorders_database(own: dict[str, Any], office: dict[str, Any]) -> dict[str, Any]:
    """Return the settings by which recorders connect. Raises InputRefusedError: another database, or no role of its own."""
    apart = {"USER", "PASSWORD"}
    elsewhere = own["ENGINE"] != office["ENGINE"] or any(
        own[name] != office[name] for name in own.keys() - apart
    )
    if elsewhere or own["USER"] in {"", office["USER"]}:
        raise InputRefusedError(
            "{variable} does not name the office's own database by another user.",
            variable=RECORDERS_DATABASE,
            advice="Write the office's postgresql:// address with the user and password of recorders, or leave it out.",
        )
    return own


def recorders_environment(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment of a process that records: where recorders have a role, they know of no other."""
    own = environment.get(RECORDERS_DATABASE, "")
    if not own:
        return environment
    kept = {name: value for name, value in environment.items() if name not in OF_THE_OWNER}
    return kept | {OFFICE_DATABASE: own}


def tables_kept_back() -> list[str]:
    """Return the tables that recorders neither read nor write."""
    return [name for name in connection.introspection.table_names() if name.startswith(_KEPT_BACK)]


def grant_to_recorders() -> None:
    """Let the role of recorders write and read every table but those kept back; nothing where they have none.

    Tables that a later migration makes are granted as they are made. Raises InputRefusedError: the database has no such role.
    """
    if settings.RECORDERS_DATABASE is None:
        return
    role, name = str(settings.RECORDERS_DATABASE["USER"]), connection.ops.quote_name
    kept_back = tables_kept_back()
    ours = connection.introspection.django_table_names(only_existing=True, include_views=False)
    granted = sorted(set(ours).difference(kept_back))
    rights, quoted = "SELECT, INSERT, UPDATE, DELETE", name(role)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
        schema, exists = cursor.fetchone()
        if not exists:
            raise InputRefusedError(
                "The database has no role {role}, by which {variable} lets recorders connect.",
                role=role,
                variable=RECORDERS_DATABASE,
                advice="Let the server's administrator make it: CREATE ROLE … LOGIN PASSWORD '…'.",
            )
        within = name(schema)
        cursor.execute(f"GRANT USAGE ON SCHEMA {within} TO {quoted}")
        cursor.execute(f"GRANT {rights} ON {', '.join(map(name, granted))} TO {quoted}")
        cursor.execute(f"REVOKE ALL ON {', '.join(map(name, kept_back))} FROM {quoted}")
        cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {within} GRANT {rights} ON TABLES TO {quoted}")
    for left in describe_role_limits():
        log.warning("recorder.role-lacks", why=left)


def describe_role_limits() -> list[str]:
    """Return in sentences what PostgreSQL does not keep recorders from; none where it keeps them, or the database is a file.

    Goes by the role that this process's environment names. Tries a password that is none as the tables' owner, which the server logs.
    """
    if connection.vendor != "postgresql":
        return []
    if settings.RECORDERS_DATABASE is None:
        without = "recorders connect as the tables' owner: one that was taken over reads accounts and cases, and drops tables and triggers"
        return [f"{RECORDERS_DATABASE} is not set here. Where the program runs without it, {without}."]
    role = settings.RECORDERS_DATABASE["USER"]
    with connection.cursor() as cursor:
        cursor.execute(_POWERS, [tables_kept_back(), role])
        found = cursor.fetchone()
    if found is None:
        return [f"The database has no role {role}: no recorder connects."]
    owns, makes, reads = found
    left = [
        f"The role {role} has the rights of the tables' owner." if owns else "",
        f"The role {role} makes tables and functions: REVOKE CREATE ON SCHEMA … FROM PUBLIC."
        if makes
        else "",
        f"The role {role} reads {', '.join(reads)}." if reads else "",
        "The tables' owner connects without its password: a recorder that was taken over can do so, too."
        if _connects_without_password()
        else "",
    ]
    return [each for each in left if each]


def _connects_without_password() -> bool:
    """Return whether the server lets this machine and user in as the tables' owner, whatever the password is."""
    import psycopg  # 10 MB, which an office on SQLite has no use for

    wrong = {**connection.get_connection_params(), "password": secrets.token_urlsafe()}
    known = ("dbname", "user", "host", "port", "password")
    try:
        psycopg.connect(**{name: wrong[name] for name in known if name in wrong}).close()
    except psycopg.OperationalError:
        return False
    return True
