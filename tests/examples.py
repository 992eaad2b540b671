"""Examples that Hypothesis tries: few and always the same in the ordinary run, many new ones in ``make soak``.

What the soak finds becomes an ``@example`` of its test, or a test of its own, so that the ordinary run tries it from then on.
"""

from hypothesis import settings
from hypothesis.internal.conjecture import providers

USUAL = 100
"""As many as Hypothesis itself tries."""
settings.register_profile("ordinary", deadline=None, derandomize=True, max_examples=USUAL // 4)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=USUAL * 10)

_of_loaded_code = providers._get_local_constants


def _find_constants() -> providers.Constants:
    """Return the constants of our code that is loaded, where draws are random; none else.

    Which code that is depends on the tests that ran in the same process before, so that each run would try other examples.
    """
    return providers.Constants() if settings().derandomize else _of_loaded_code()


providers._get_local_constants = _find_constants


def examples(usual: int, *, least: int = 5) -> int:
    """Return how many the profile in force makes of what a test usually needs."""
    return max(least, usual * settings().max_examples // USUAL)
