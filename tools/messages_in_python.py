"""Find the messages of Python sources: calls of gettext, and texts handed to parameters that are shown to readers."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GETTEXT = frozenset({"gettext", "gettext_lazy", "gettext_noop", "_"})
COUNTED = frozenset({"ngettext", "ngettext_lazy"})
IN_CONTEXT = frozenset({"pgettext", "pgettext_lazy"})
SHOWN = frozenset({"template", "plural", "advice", "sentence", "meaning"})
"""Parameters of our own functions and classes whose texts reach readers in their language."""

LISTED = {
    "access/rules/sentences.py": (
        "ADD_A_FACTOR",
        "AT_A_STATION",
        "CONFIRM_FIRST",
        "CONTRACTOR_ON_A_FAULT",
        "STATEMENT_FIRST",
        "DEPUTY_IN_ABSENCE",
        "HEAD_DECIDES",
        "NOTHING_HELPS",
        "NOT_HERE",
        "NOT_OF_THIS_ROLE",
        "NOT_WATCHED_LIVE",
        "PROTOCOL_FIRST",
        "REGULATION_BARS",
        "REGULATION_DEMANDS",
        "ROLES_ARE_GIVEN",
        "SECOND_JOINS",
        "SENTENCES",
        "SIGN_ONE",
        "WHO_CALLS_IN",
        "WHO_CONFIRMS",
        "WHO_ENTERS_ABSENCES",
        "WHO_ENTERS_STATEMENTS",
        "WHO_FINISHES_PROTOCOLS",
        "WHO_LISTS_STATIONS",
    ),
    "access/viewings/volume.py": ("_WAIT",),
    "catalog/checks.py": ("_SAID",),
    "kernel/holidays.py": ("Weekend", "_SINCE_2011", "_TABLES"),
    "office/regulation/reading.py": ("_KINDS", "_WANTED"),
    "streams/cameras/errors.py": ("_REMEDIES",),
}
"""Texts that reach readers by way of a table: the names of the tables, file by file."""

_VERSIONS = "PL-"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of a source file."""

    text: str
    plural: str
    context: str
    line: int


class _Package:
    """Every function and class of the package with shown parameters, by bare name."""

    def __init__(self, trees: dict[Path, ast.Module]) -> None:
        self.bases: dict[str, list[str]] = {}
        self.inheriting: dict[str, str] = {}
        """Classes without a constructor of their own, and the first base of each; another class may bear the same name."""
        self.called: dict[str, set[tuple[str, ...]]] = {}
        self.defaults: list[tuple[Path, ast.expr]] = []
        for path, tree in trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self._enter_class(node)
                elif isinstance(node, ast.FunctionDef):
                    self._enter_function(path, node)

    def _enter_class(self, node: ast.ClassDef) -> None:
        self.bases[node.name] = [name for base in node.bases if (name := _name(base))]
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                self._enter(node.name, _parameters(part)[1:])
                return
        fields = tuple(
            part.target.id
            for part in node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        )
        if fields and any(_name(mark) == "dataclass" for mark in node.decorator_list):
            self._enter(node.name, fields)
        elif self.bases[node.name]:
            self.inheriting[node.name] = self.bases[node.name][0]

    def _enter_function(self, path: Path, node: ast.FunctionDef) -> None:
        names = _parameters(node)
        if SHOWN & set(names):
            given = node.args.posonlyargs + node.args.args
            for parameter, default in zip(reversed(given), reversed(node.args.defaults), strict=False):
                if parameter.arg in SHOWN:
                    self.defaults.append((path, default))
            if node.name != "__init__":
                self._enter(node.name, names[1:] if names[0] in {"self", "cls"} else names)

    def _enter(self, name: str, parameters: tuple[str, ...]) -> None:
        self.called.setdefault(name, set()).add(parameters)

    def parameters(self, name: str) -> set[tuple[str, ...]]:
        """The parameters of whatever bears the name; of a class without a constructor, those of its first base."""
        found: set[tuple[str, ...]] = set()
        seen = set()
        while name and name not in seen:
            seen.add(name)
            found |= self.called.get(name, set())
            name = self.inheriting.get(name, "")
        return found

    def shown(self, node: ast.Call, name: str) -> dict[str, ast.expr]:
        """The shown arguments of a call of whatever bears the name; where two bear it, a cause may stand in a sentence's place."""
        given: dict[str, ast.expr] = {}
        for names in self.parameters(name):
            given |= {
                parameter: argument
                for parameter, argument in zip(names, node.args, strict=False)
                if parameter in SHOWN and not isinstance(argument, ast.Attribute)
            }
            given |= {word.arg: word.value for word in node.keywords if word.arg in SHOWN}
        return given


def spoken_in(package: Path) -> dict[Path, list[Spoken]]:
    """The messages of every Python file below a folder."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(package.rglob("*.py"))}
    known = _Package(trees)
    found = {}
    for path, tree in trees.items():
        reader = _Reader(known, tree)
        reader.visit(tree)
        for where, default in known.defaults:
            if where == path:
                reader.say(default)
        reader.take_tables(LISTED.get(path.relative_to(package).as_posix(), ()))
        found[path] = reader.spoken
    return found


class _Reader(ast.NodeVisitor):
    """Walks one module and collects its messages."""

    def __init__(self, known: _Package, tree: ast.Module) -> None:
        self.spoken: list[Spoken] = []
        self._known = known
        self._tree = tree
        self._class = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = before

    def visit_Call(self, node: ast.Call) -> None:
        """Take the messages of one call."""
        name = _name(node.func)
        if name in GETTEXT and node.args:
            self.say(node.args[0])
        elif name in COUNTED and len(node.args) > 1:
            self.say(node.args[0], plural=_text(node.args[1]))
        elif name in IN_CONTEXT and len(node.args) > 1:
            self.say(node.args[1], context=_text(node.args[0]))
        else:
            self._take_shown(node, name)
        self.generic_visit(node)

    def _take_shown(self, node: ast.Call, name: str) -> None:
        if name == "__init__" and self._class:
            bases = self._known.bases.get(self._class, [])
            name = bases[0] if bases else ""
        given = self._known.shown(node, name)
        plural = given.pop("plural", None)
        for argument in given.values():
            self.say(argument, plural=_text(plural) if plural else "")

    def say(self, node: ast.expr, *, plural: str = "", context: str = "") -> None:
        """Enter the texts that an expression may come to."""
        for text in self._texts(node):
            if text.strip():
                self.spoken.append(Spoken(text, plural, context, node.lineno))

    def take_tables(self, names: tuple[str, ...]) -> None:
        """Enter every text of the named tables, identifiers and what it is looked up by left out."""
        for node in self._tree.body:
            if _defined(node) & set(names):
                keys = {key for part in ast.walk(node) if isinstance(part, ast.Dict) for key in part.keys}
                for part in ast.walk(node):
                    text = "" if part in keys else _text(part)
                    if text and text[:3] != _VERSIONS and not _documents(node, part):
                        self.spoken.append(Spoken(text, "", "", getattr(part, "lineno", 0)))

    def _texts(self, node: ast.expr) -> Iterator[str]:
        if isinstance(node, ast.IfExp):
            yield from self._texts(node.body)
            yield from self._texts(node.orelse)
        elif isinstance(node, ast.Name):
            for part in ast.walk(self._tree):
                if isinstance(part, ast.Assign | ast.AnnAssign) and node.id in _defined(part):
                    yield from self._texts(part.value) if part.value else ()
        elif isinstance(node, ast.Call) and _name(node.func) == "get" and len(node.args) > 1:
            yield from self._texts(node.args[1])
        else:
            yield _text(node)


def untranslatable(package: Path) -> Iterator[str]:
    """Shown texts put together in the source, which no catalogue can contain: file, line and text."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(package.rglob("*.py"))}
    known = _Package(trees)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            for argument in known.shown(node, _name(node.func)).values():
                if isinstance(argument, ast.JoinedStr | ast.BinOp):
                    yield f"{path.relative_to(package)}:{node.lineno}: {ast.unparse(argument)}"


def _parameters(node: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(one.arg for one in node.args.posonlyargs + node.args.args) + tuple(
        one.arg for one in node.args.kwonlyargs
    )


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.IfExp):
        return _name(node.body)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _defined(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ClassDef):
        return {node.name}
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _documents(node: ast.AST, part: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        isinstance(line, ast.Expr) and line.value is part for line in node.body
    )
