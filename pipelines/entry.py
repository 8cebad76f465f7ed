"""The door of the command line: signals are heeded from here on, before anything that takes long to load."""

import sys

from pipelines.stopping import stoppable

STOPPED = {130: "Interrupted", 143: "Terminated"}
"""Said without any library: one may have been stopped while it loaded, and can be loaded no more."""


def main() -> None:
    """Run the command line; every error a person can mend is one sentence and its own exit code."""
    code = stoppable(_command)
    if word := STOPPED.get(code):
        sys.stderr.write(f"{word}; readers see a whole build, and the next run goes on from there.\n")
    sys.exit(code)


def _command() -> int:
    from pipelines.cli import app
    from pipelines.errors import exit_code, sentence
    from pipelines.say import complain

    try:
        app()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except Exception as error:
        if (code := exit_code(error)) == 1:
            raise
        complain(sentence(error))
        return code
    return 0
