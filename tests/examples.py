"""How many examples a property is tried with: few in `make test`, the same each time; many others in `make explore`."""

from hypothesis import settings

OF_A_TEST = 50
"""The examples of a property in `make test` where it says no number of its own."""


def examples(number: int) -> settings:
    """Return settings with so many examples in `make test`, and as many times more as the profile has."""
    return settings(max_examples=number * max(1, settings.default.max_examples // OF_A_TEST))
