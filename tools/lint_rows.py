"""Fail where rows that the ledger binds are selected by anything but their key, and not verified where they are selected.

    python tools/lint_rows.py

What permits or demands something is decided on verified rows (`registers/guard/rows.py`), which are asked again as what they were selected.
A selection that goes another way is in `rows_selected.txt` with its reason; one that is there and no more in the tree is named as well.
`checks.py` of each subject is left out: what `fsck` reads permits nothing.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "rejent"
LISTED = Path(__file__).parent / "rows_selected.txt"
_GUARDED = re.compile(r"^class (\w+)\((?:GuardedModel|ForgettableModel)\)", re.MULTILINE)
MECHANISM = frozenset(
    {"verified", "verified_many", "matching", "matching_or_erased", "first_verified", "mismatches"}
)
MANAGERS = frozenset({"objects", "_base_manager", "_default_manager"})
NARROWING = frozenset({"filter", "exclude", "get"})
BY_KEY = frozenset({"pk", "pk__in", "id", "id__in"})


def list_guarded_models(modules: dict[Path, str]) -> frozenset[str]:
    """Return the names of the models whose rows the ledger binds."""
    return frozenset(name for source in modules.values() for name in _GUARDED.findall(source))


def selecting(tree: ast.Module, models: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield line and name of each function that narrows guarded rows by more than their key and does not verify them."""
    helpers = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _gives_rows(node, models)
    }
    for node in _outermost(tree):
        narrowed = _narrowed(node, models, helpers)
        if narrowed and not any(_called(each) in MECHANISM for each in ast.walk(node)):
            yield min(narrowed), node.name


def _outermost(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _outermost(node)


def _gives_rows(node: ast.FunctionDef, models: frozenset[str]) -> bool:
    """Return whether a function's result is said to be a selection of guarded rows."""
    said = ast.unparse(node.returns) if node.returns is not None else ""
    return any(f"QuerySet[{model}" in said for model in models)


def _narrowed(function: ast.FunctionDef, models: frozenset[str], helpers: set[str]) -> list[int]:
    """Return the lines where a function narrows guarded rows: from the model, a helper, or a name that either was given to."""
    named: set[str] = {
        given.arg
        for given in function.args.args + function.args.kwonlyargs
        if given.annotation is not None
        and any(f"QuerySet[{one}" in ast.unparse(given.annotation) for one in models)
    }
    before = -1
    while before != len(named):
        before = len(named)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and _is_rows(node.value, models, helpers, named):
                named |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return [
        node.lineno
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in NARROWING
        and (node.args or {each.arg for each in node.keywords} - BY_KEY)
        and _is_rows(node.func.value, models, helpers, named)
    ]


def _is_rows(node: ast.AST, models: frozenset[str], helpers: set[str], named: set[str]) -> bool:
    """Return whether an expression begins with the rows of a guarded model."""
    while True:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in models and attr in MANAGERS:
                return True
            case ast.Call(func=ast.Name(id=name)):
                return name in helpers
            case ast.Name(id=name):
                return name in named
            case ast.Call(func=inner) | ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case ast.IfExp(body=body, orelse=orelse):
                return _is_rows(body, models, helpers, named) or _is_rows(orelse, models, helpers, named)
            case _:
                return False


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def listed(file: Path = LISTED) -> dict[str, str]:
    """Return the functions that are listed, as ``module:function``, each with the reason of its section."""
    found, reason = {}, ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            reason = line[2:]
        elif line.strip():
            module, _, functions = line.partition(": ")
            found |= {f"{module}:{name}": reason for name in functions.split()}
    return found


def findings(package: Path = PACKAGE, known: dict[str, str] | None = None) -> Iterator[str]:
    """Yield each selection that is neither verified nor listed, and each that is listed and is none."""
    paths = [path for path in sorted(package.rglob("*.py")) if "migrations" not in path.parts]
    modules = {path: path.read_text(encoding="utf-8") for path in paths}
    models, left = list_guarded_models(modules), dict(listed() if known is None else known)
    selects = re.compile(rf"\b(?:{'|'.join(sorted(models))})\.(?:{'|'.join(sorted(MANAGERS))})\b")
    for path, source in modules.items():
        if path.name == "checks.py" or not selects.search(source):
            continue
        module = path.relative_to(package).as_posix()
        for line, name in selecting(ast.parse(source), models):
            if left.pop(f"{module}:{name}", None) is None:
                yield f"{module}:{line}: {name} selects guarded rows that nothing verifies"
    yield from (f"{name} is listed in {LISTED.name} and selects nothing of the kind" for name in left)


def main() -> int:
    """Print each finding; the exit status says whether there are any."""
    found = list(findings())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
