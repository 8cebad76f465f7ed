"""Read JSON from a web API: patient with what passes, plain about what does not, silent about secrets."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import stamina

from connectors.api_settings import LOOPBACK, Patience
from connectors.errors import ConnectorError, SourceChanged, SourceUnavailable
from connectors.secrets import SecretRef

TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

Hook = Callable[[httpx.Response], None]


@dataclass(frozen=True)
class Answer:
    """One good answer: a JSON object, the bytes it came in, the server's clock (UTC), the link to the next page."""

    body: dict[str, Any]
    content: bytes
    served_at: datetime | None
    next_url: str | None


Get = Callable[[str, Mapping[str, str] | None], Answer]


class Refused(SourceChanged):
    """The server understood and will not answer this request (a 4xx that no waiting mends)."""


class _Again(SourceUnavailable):
    """This attempt failed; `wait_seconds` is what the server asked for, None = the usual back-off."""

    def __init__(self, message: str, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


@contextmanager
def json_api(
    url: str,
    headers: Mapping[str, str],
    secret: SecretRef,
    patience: Patience,
    requests_per_minute: int | None = None,
    after_each: Hook | None = None,
) -> Iterator[Get]:
    """Open an API for GET requests below `url`; `secret` is named, never shown, when the server refuses it."""
    for noisy in ("httpx", "httpcore"):  # they log whole addresses and headers
        logging.getLogger(noisy).setLevel(logging.WARNING)
    base = httpx.URL(url)
    with httpx.Client(
        headers={"Accept": "application/json", **headers},
        timeout=patience.timeout_seconds,
        follow_redirects=False,
        event_hooks={"request": [_pace(requests_per_minute)]},
        trust_env=base.host not in LOOPBACK,
        verify=base.scheme == "https",  # without TLS there is no certificate to verify, and loading them takes time
    ) as client:

        def get(target: str, params: Mapping[str, str] | None) -> Answer:
            try:
                asked = httpx.URL(url + target) if target.startswith("/") else base.join(target)
            except httpx.InvalidURL:
                raise SourceChanged(f"{_where(base)} links to a page by something that is no address.") from None
            if (asked.scheme, asked.host, asked.port) != (base.scheme, base.host, base.port):
                raise SourceChanged(
                    f"{_where(base)} links to a page on another host, {asked.host!r}; it was not followed. "
                    "If the API moved, change `url`."
                )
            return _get(client, asked, params, patience, secret.env, after_each)

        yield get


def _get(
    client: httpx.Client,
    url: httpx.URL,
    params: Mapping[str, str] | None,
    patience: Patience,
    env: str,
    after_each: Hook | None,
) -> Answer:
    try:
        for attempt in stamina.retry_context(
            on=_wait_before_next,
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first_wait_seconds,
            wait_max=patience.longest_wait_seconds,
            wait_jitter=patience.first_wait_seconds,
        ):
            with attempt:
                response, content = _receive(client, url, params, patience)
                answer = _judge(response, content, patience, env)
                if after_each:
                    after_each(response)
                return answer
    except _Again as error:
        raise SourceUnavailable(f"{error} Tried {patience.attempts} times; run again later.") from None
    raise AssertionError("retry_context ends by returning or raising")


def _wait_before_next(error: Exception) -> bool | float:
    if not isinstance(error, _Again):
        return False
    return True if error.wait_seconds is None else error.wait_seconds


def _receive(
    client: httpx.Client, url: httpx.URL, params: Mapping[str, str] | None, patience: Patience
) -> tuple[httpx.Response, bytes]:
    """Read one answer, bounded in time and in size after decompression."""
    deadline = time.monotonic() + patience.timeout_seconds
    content = bytearray()
    try:
        with client.stream("GET", url, params=params) as response:
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > patience.largest_answer_bytes:
                    raise SourceChanged(
                        f"{_where(url)} answered more than {patience.largest_answer_bytes} bytes: lower `page_size`, "
                        "or raise `patience.largest_answer_bytes`."
                    )
                if time.monotonic() > deadline:
                    raise _Again(f"{_where(url)} took more than {patience.timeout_seconds:g} seconds to answer.")
    except httpx.RequestError as error:  # its text may quote a header; only a failed connection's is told
        reason = str(error) if isinstance(error, httpx.ConnectError) else type(error).__name__
        raise _Again(f"{_where(url)} did not answer well ({reason}).") from None
    return response, bytes(content)


def _judge(response: httpx.Response, content: bytes, patience: Patience, env: str) -> Answer:
    """Turn a response into an answer or the error that says what to do."""
    where, status = _where(response.request.url), response.status_code
    served_at = _http_date(response.headers.get("Date", ""))
    if status in TRY_AGAIN:
        wait = retry_after(response.headers.get("Retry-After"), served_at)
        if wait is not None and wait > patience.longest_wait_seconds:
            raise SourceUnavailable(f"{where} asks to wait {wait:.0f} seconds (status {status}); run again after that.")
        raise _Again(f"{where} answered with status {status}.", wait)
    if status in (401, 403):
        raise ConnectorError(f"{where} refused us (status {status}): check the token in {env} and what it may read.")
    if status == 404:
        raise Refused(f"{where} does not exist there (status 404): check `url` in the definition.")
    if response.is_redirect:
        raise SourceChanged(f"{where} redirects elsewhere (status {status}), which is not followed: check `url`.")
    if status != 200:
        raise Refused(f"{where} does not accept the request (status {status}).")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        kind = response.headers.get("Content-Type", "no type").partition(";")[0]
        raise _Again(f"{where} answered with something that is not complete JSON ({kind[:40]!r}).") from None
    if not isinstance(body, dict):
        raise SourceChanged(f"{where} answered with JSON that is no object: check that `url` names the right service.")
    return Answer(body, content, served_at, response.links.get("next", {}).get("url"))


def retry_after(header: str | None, served_at: datetime | None) -> float | None:
    """Seconds to wait by a Retry-After header, a number or a date; a date counts from the server's own clock.

    >>> retry_after("2.0", None), retry_after("soon", None), retry_after(None, None)
    (2.0, None, None)
    >>> retry_after("Wed, 01 May 2024 10:00:30 GMT", datetime(2024, 5, 1, 10, tzinfo=UTC))
    30.0
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        until = _http_date(header)
        seconds = (until - (served_at or datetime.now(UTC))).total_seconds() if until else -1.0
    return seconds if 0 <= seconds < float("inf") else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _where(url: httpx.URL) -> str:
    """An address as messages show it: no credentials, no query."""
    return f"{url.scheme}://{url.netloc.decode()}{url.path}"


def _pace(requests_per_minute: int | None) -> Callable[[httpx.Request], None]:
    """Hold each request until 60 / `requests_per_minute` seconds after the one before."""
    gap_seconds = 60 / requests_per_minute if requests_per_minute else 0.0
    free_at = 0.0

    def hold(_: httpx.Request) -> None:
        nonlocal free_at
        time.sleep(max(0.0, free_at - time.monotonic()))
        free_at = time.monotonic() + gap_seconds

    return hold
