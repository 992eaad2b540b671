"""The reference shows the rules as they are, and every address that there is."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PLANTED = """
import sys
sys.path.insert(0, "tools")
import access_routes
from django.urls import path
from rejent.api.routes import router
from rejent.web.pages import start
def elsewhere(request): ...
(status,) = router.path_operations["/status"].operations
{planting}
list(access_routes.addresses())
"""


def test_the_tables_of_the_reference_are_those_of_the_rules() -> None:
    """A changed rule or a new address without a changed document fails; ``python tools/access_tables.py`` writes it anew."""
    checked = subprocess.run([sys.executable, "tools/access_tables.py", "--check"], cwd=ROOT, check=False)
    assert checked.returncode == 0


@pytest.mark.parametrize(
    ("planting", "complaint"),
    [
        ('access_routes.urlpatterns.append(path("new", start.start, name="new"))', "/new has no door"),
        ('access_routes.urlpatterns.append(path("new", elsewhere, name="start"))', "/new has no door"),
        ("status.auth_param = None", "GET /api/v1/status has no act"),
        ('status.auth_param = access_routes.BearerToken("see-all")', "GET /api/v1/status has no act"),
    ],
    ids=["a page without a door", "a page that passes the doors", "a bare operation", "an act that is none"],
)
def test_an_address_that_nobody_decided_about_fails_the_build(planting: str, complaint: str) -> None:
    """A page out of the table, one whose view the doors do not guard, and an operation without an act are named."""
    program = PLANTED.format(planting=planting)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert complaint in done.stderr
