"""Errors a person can mend, each a sentence of what, where and what to do; and the exit code each leaves with."""

from connectors.errors import ConnectorError, SecretMissing, SourceUnavailable


class JourneysError(Exception):
    """Show the sentence, not a traceback."""


class DefinitionError(JourneysError):
    """journey.yaml, or what it names, is not right."""


class CheckFailed(JourneysError):
    """A check on the built tables found rows; nothing was published."""


class WorkspaceBusy(JourneysError):
    """Another run holds the workspace."""


class NothingPublished(JourneysError):
    """There is nothing to show yet."""


EXIT_CODES = {
    0: "published, or proven that there is nothing new",
    1: "a failure we did not foresee: please report it",
    2: "the command line is not right",
    10: "journey.yaml is not right",
    11: "a source's data or mapping is not right",
    12: "a source did not answer; the same run may succeed later",
    13: "a secret or the workspace's key is missing",
    14: "a check failed; what was published before is untouched",
    15: "nothing has been published yet",
    16: "the workspace does not allow it; the sentence says what to do",
    75: "another run holds the workspace; try again later",
    130: "interrupted",
    143: "terminated",
}


def exit_code(error: BaseException) -> int:
    """Tell the exit code of an error.

    >>> exit_code(WorkspaceBusy("busy"))
    75
    """
    match error:
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
        case WorkspaceBusy():
            return 75
        case JourneysError():
            return 16
        case _:
            return 1
