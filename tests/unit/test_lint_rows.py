"""No permission or duty rests on a selection by the database alone: guarded rows are verified where they are selected."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tools"))

import lint_rows  # noqa: E402 - the tools are no package

MODELS = frozenset({"Token"})


@pytest.mark.parametrize(
    "body",
    [
        "return Token.objects.filter(digest=one).first()",
        "return Token.objects.select_related('person').exclude(revoked_at=None).exists()",
        "rows = Token.objects.order_by('-pk')\n    return rows.filter(person=one)",
        "return every().filter(Q(digest=one))",
        "rows = Token.objects.all() if one else every()\n    first = rows\n    return first.get(digest=one)",
    ],
)
def test_a_selection_that_nothing_verifies_is_found(body: str) -> None:
    """From the model, a helper that gives rows, or a name."""
    source = f"def every() -> QuerySet[Token]:\n    return Token.objects.all()\ndef ask(one):\n    {body}\n"
    assert [name for _, name in lint_rows.selecting(ast.parse(source), MODELS)] == ["ask"]


@pytest.mark.parametrize(
    "body",
    [
        "return matching(Token.objects.filter(digest=one))",
        "return Token.objects.filter(pk=one).first()",
        "return Token.objects.order_by('-pk')",
        "return Building.objects.filter(name=one)",
        "return [each for each in one.filter(name=1)]",
    ],
)
def test_what_is_verified_or_read_by_its_key_is_not(body: str) -> None:
    """Nor rows that nothing binds."""
    assert list(lint_rows.selecting(ast.parse(f"def ask(one):\n    {body}\n"), MODELS)) == []


def test_what_is_listed_and_gone_is_named(tmp_path: Path) -> None:
    """The list grows no older than the tree."""
    (tmp_path / "models.py").write_text("class Token(GuardedModel): ...\n")
    (tmp_path / "queries.py").write_text("def ask(one):\n    return Token.objects.get(digest=one)\n")
    assert [each.partition(": ")[2] for each in lint_rows.findings(tmp_path, {})] == [
        "ask selects guarded rows that nothing verifies"
    ]
    assert list(lint_rows.findings(tmp_path, {"queries.py:ask": "shown"})) == []
    (left,) = lint_rows.findings(tmp_path, {"queries.py:ask": "shown", "queries.py:tell": "shown"})
    assert left.startswith("queries.py:tell is listed")


def test_the_tree_selects_as_it_is_listed() -> None:
    """Each with a reason, and nothing else."""
    assert lint_rows.main() == 0
    assert all(reason and len(reason) > 20 for reason in lint_rows.listed().values())
