"""How many examples Hypothesis tries: few in the ordinary run, many in ``make soak``."""

from hypothesis import settings

USUAL = 100
"""As many as Hypothesis itself tries."""
settings.register_profile("ordinary", deadline=None, derandomize=True, max_examples=USUAL // 4)
settings.register_profile("soak", deadline=None, max_examples=USUAL * 10)


def examples(usual: int, *, least: int = 5) -> int:
    """Return how many the profile in force makes of what a test usually needs."""
    return max(least, usual * settings().max_examples // USUAL)
