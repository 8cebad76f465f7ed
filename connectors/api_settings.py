"""What a definition says of a web API: its address, a secret for its headers, and how patient to be."""

from typing import Annotated

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.errors import ConnectorError
from connectors.secrets import SecretRef

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Patience(BaseModel):
    """How long one answer may take, how often to ask again, how long to wait in between (seconds)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attempts: int = Field(default=6, ge=1, le=20)
    timeout_seconds: float = Field(default=120, gt=0)
    first_wait_seconds: float = Field(default=1, ge=0)
    longest_wait_seconds: float = Field(default=300, ge=0)
    largest_answer_bytes: int = Field(default=256 * 2**20, gt=0)


def checked_url(text: str) -> str:
    """An API's base address: https (http on this machine only), without credentials, query or trailing slash.

    >>> checked_url("https://acme.example/")
    'https://acme.example'
    >>> checked_url("http://127.1:8000")
    Traceback (most recent call last):
    ValueError: an API address starts with https:// (http:// on 127.0.0.1, ::1 and localhost only)
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise ValueError("not an address") from None
    if not url.host or not (url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)):
        raise ValueError("an API address starts with https:// (http:// on 127.0.0.1, ::1 and localhost only)")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("an API address carries no user, password, query or fragment: name the secret under `token`")
    return text.rstrip("/")


ApiUrl = Annotated[str, AfterValidator(checked_url)]


def header_secret(secret: SecretRef) -> str:
    """The secret as it can stand in a header; an HTTP library would quote an unfit one in its error."""
    value = secret.value()
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise ConnectorError(
            f"The value of {secret.env} cannot be a token: it holds blanks, line ends or characters beyond ASCII."
        )
    return value
