"""Progress: one changing line on a terminal, plain lines elsewhere, always on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

Say = Callable[[str], None]
"""Takes a line of progress."""


@contextmanager
def speaking(quiet: bool = False) -> Iterator[Say]:
    """Give a function that says what is going on."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        console = Console(stderr=True, emoji=False)
        with console.status("starting") as status:

            def say(line: str) -> None:
                status.update(escape(line))
                if line.startswith(("land", "warning")):
                    console.print(escape(line), highlight=False)

            yield say
    else:
        yield lambda line: print(line, file=sys.stderr, flush=True)  # noqa: T201


def tell(line: str) -> None:
    """Print one line of a result, as it is."""
    Console(highlight=False, soft_wrap=True, emoji=False).print(escape(line))


def complain(sentence: str) -> None:
    """Print a sentence about what went wrong, on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True, emoji=False).print(escape(sentence))
