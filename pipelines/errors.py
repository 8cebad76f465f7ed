"""Errors a person can mend, each a sentence of what, where and what to do; and the exit code each leaves with."""

import errno
from collections.abc import Iterator

import duckdb

from connectors.errors import ConnectorError, SecretMissing, SourceUnavailable


class JourneysError(Exception):
    """Show the sentence, not a traceback."""


class DefinitionError(JourneysError):
    """journey.yaml, or what it names, is not right."""


class CheckFailed(JourneysError):
    """A check on the built tables found rows; nothing was published."""


class WorkspaceBusy(JourneysError):
    """Another run holds the workspace."""


class Violated(JourneysError):
    """A promise does not hold on a live workspace: which, and the sentence."""

    def __init__(self, check: str, sentence: str) -> None:
        super().__init__(f"{check}: {sentence}")
        self.check, self.sentence = check, sentence


class NothingToBuild(JourneysError):
    """No event has landed, or none that tells up to when the sources are complete."""


class NothingPublished(JourneysError):
    """There is nothing to show yet."""


EXIT_CODES = {
    0: "done, of a run: published, or proven that there is nothing new",
    1: "a failure we did not foresee: please report it",
    2: "the command line is not right",
    10: "journey.yaml is not right",
    11: "a source's data or mapping is not right",
    12: "a source did not answer, the same run may succeed later",
    13: "a secret or the workspace's key is missing or damaged",
    14: "a check failed, what was published before is untouched",
    15: "nothing has been published yet",
    16: "the workspace does not allow it, the sentence says what to do",
    17: "the disk or the memory failed or did not suffice, make room and run again",
    18: "`journeys verify` found something wrong, the sentence says what and where",
    75: "another run holds the workspace, try again later",
    130: "interrupted",
    143: "terminated",
}


def exit_code(error: BaseException) -> int:
    """Tell the exit code of an error.

    >>> exit_code(WorkspaceBusy("busy"))
    75
    """
    match error:
        case _ if any(is_of_the_machine(cause) for cause in _causes(error)):
            return 17
        case DefinitionError():
            return 10
        case SourceUnavailable():
            return 12
        case SecretMissing():
            return 13
        case ConnectorError():
            return 11
        case CheckFailed():
            return 14
        case NothingPublished():
            return 15
        case Violated():
            return 18
        case WorkspaceBusy():
            return 75
        case JourneysError():
            return 16
        case _ if is_damage(error) or is_of_a_path(error):
            return 16
        case _:
            return 1


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error, the one it was raised from, the one that was raised from ..."""
    while error is not None:
        yield error
        error = error.__cause__


def is_of_the_machine(error: BaseException) -> bool:
    """Tell whether the machine is to blame: a disk that is full or broken, too little memory.

    >>> is_of_the_machine(OSError(errno.ENOSPC, "No space left on device")), is_of_the_machine(FileNotFoundError())
    (True, False)
    """
    match error:
        case MemoryError() | duckdb.OutOfMemoryException():
            return True
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG | errno.EIO):
            return True
        case duckdb.Error():
            return any(words in str(error) for words in ("No space left", "File too large", "Input/output error"))
        case _:
            return False


def is_of_a_path(error: BaseException) -> bool:
    """Tell whether a path that somebody gave is to blame: it is not there, is no folder, or may not be written.

    >>> is_of_a_path(PermissionError(errno.EACCES, "Permission denied", "shop")), is_of_a_path(PermissionError())
    (True, False)
    """
    is_known = isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError | IsADirectoryError)
    return isinstance(error, OSError) and bool(error.filename) and (is_known or error.errno == errno.EROFS)


def is_damage(error: BaseException) -> bool:
    """Tell whether DuckDB found a file gone or damaged; one that somebody else holds open is neither.

    >>> is_damage(duckdb.IOException("Could not read enough bytes")), is_damage(duckdb.BinderException("no such column"))
    (True, False)
    """
    if not isinstance(error, duckdb.Error) or is_of_the_machine(error) or "Could not set lock" in str(error):
        return False
    return isinstance(error, DAMAGE) or any(words in str(error) for words in ("Corrupt", "Parquet", "No magic bytes"))


DAMAGE = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)


def first_line(error: BaseException) -> str:
    """The first line of an error's text; its name when it has none."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def sentence(error: BaseException) -> str:
    """Say an error to a person: ours are sentences already."""
    if isinstance(error, JourneysError | ConnectorError):
        return str(error)
    if is_damage(error):
        return f"A file of the workspace is damaged or gone ({first_line(error)}); run `journeys verify`, which says what to do."
    if isinstance(error, OSError) and is_of_a_path(error):
        return f"{error.filename}: {error.strerror}; look whether the path is right, and who may write there."
    return f"The machine failed ({first_line(error)}); make room and run again. Readers see a whole build."
