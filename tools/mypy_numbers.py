"""A plugin of mypy that finds text which reaches ``int`` or ``float`` past `kernel/numbers.py`.

mypy knows which argument is text (or bytes, or a group of a match): whatever comes from outside is read with a bound by ``read_number``
and ``read_decimal``. Not from outside: what a constant spells (``float("inf")``). Bounded by its expression: a group of a match taken by
its name or number, whose expression `tests/unit/test_numbers_lint.py` holds to ASCII digits and a limit of them.
"""

from collections.abc import Callable

from mypy.errorcodes import ErrorCode
from mypy.nodes import Expression, IndexExpr, IntExpr, OpExpr, StrExpr
from mypy.plugin import FunctionContext, Plugin
from mypy.types import Instance, Type, UnionType, get_proper_type

OUTSIDE_NUMBER = ErrorCode("outside-number", "Text is read as a number without a bound", "General")
READERS = {"builtins.int": "read_number", "builtins.float": "read_decimal"}
TEXT = {"builtins.str", "builtins.bytes", "builtins.bytearray", "builtins.memoryview"}
APART = ("rejent/kernel/numbers.py", "rejent/evidence/verifier/")
"""The readers themselves, and the verifier, which imports nothing of the program and bounds its numbers by their expressions."""


class NumbersPlugin(Plugin):
    """Says of each call of ``int`` and ``float`` whether its argument may be text."""

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Return the check of a reader of numbers, nothing for any other function."""
        return (lambda context: _require_no_text(context, fullname)) if fullname in READERS else None


def _require_no_text(context: FunctionContext, reader: str) -> Type:
    if not context.args or not context.args[0] or any(each in context.api.path for each in APART):
        return context.default_return_type
    read = context.args[0][0]
    if (
        not isinstance(read, StrExpr)
        and not _is_group(context, read)
        and _may_be_text(context.arg_types[0][0])
    ):
        name = reader.removeprefix("builtins.")
        context.api.fail(
            f"text reaches {name}() without a bound: use rejent.kernel.numbers.{READERS[reader]}",
            context.context,
            code=OUTSIDE_NUMBER,
        )
    return context.default_return_type


def _is_group(context: FunctionContext, read: Expression) -> bool:
    if isinstance(read, OpExpr) and read.op == "or":
        return _is_group(context, read.left) and (
            isinstance(read.right, StrExpr | IntExpr) or _is_group(context, read.right)
        )
    if not isinstance(read, IndexExpr):
        return False
    base = get_proper_type(context.api.get_expression_type(read.base))
    return isinstance(base, Instance) and base.type.fullname == "re.Match"


def _may_be_text(kind: Type) -> bool:
    proper = get_proper_type(kind)
    if isinstance(proper, UnionType):
        return any(map(_may_be_text, proper.items))
    return isinstance(proper, Instance) and any(base.fullname in TEXT for base in proper.type.mro)


def plugin(version: str) -> type[Plugin]:
    """Return the plugin, as mypy asks for it.

    Args:
        version: mypy's, which it does not depend on.
    """
    del version
    return NumbersPlugin
