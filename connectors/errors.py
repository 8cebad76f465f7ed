"""What can go wrong between a source and the landing zone; every message says what, where and what to do."""


class ConnectorError(Exception):
    """A person can mend this: show the sentence, not a traceback."""


class SourceUnavailable(ConnectorError):
    """The source did not answer, or not well; the same call may succeed later."""


class SourceChanged(ConnectorError):
    """The source answered something its contract does not allow; trying again will not help."""


class SecretMissing(ConnectorError):
    """A secret is referred to and not there, or damaged."""
