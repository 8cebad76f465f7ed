"""The HTTP client against a real server that misbehaves in every way the vendors' do."""

import logging
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, ValidationError

from connectors.api_settings import ApiUrl, Patience, checked_url, header_secret
from connectors.errors import ConnectorError, SourceChanged, SourceUnavailable
from connectors.http import Get, json_api, retry_after
from connectors.secrets import SecretRef
from pipelines.demo.apis import Fault, shop_api

NOW = datetime(2024, 5, 2, 3, tzinfo=UTC)
CANARY = "canary-7f3a9c"
FAST = Patience(attempts=4, timeout_seconds=5, first_wait_seconds=0.01, longest_wait_seconds=2)
ORDERS = "/admin/api/2025-01/orders.json"
QUERY = {"status": "any", "order": "updated_at asc", "updated_at_min": "2024-01-01T00:00:00+00:00"}
ORDER = {"id": 1, "updated_at": "2024-05-01T10:00:00Z"}


@contextmanager
def shop(
    monkeypatch: pytest.MonkeyPatch,
    faults: Sequence[Fault | None] = (),
    patience: Patience = FAST,
    requests: list[str] | None = None,
    sent: str = CANARY,
    requests_per_minute: int | None = None,
    calls: int = 40,
    calls_per_second: float = 1000,
) -> Iterator[Get]:
    monkeypatch.setenv("SHOP_TOKEN", sent)
    secret = SecretRef(env="SHOP_TOKEN")
    with shop_api(
        [ORDER], now=NOW, token=CANARY, faults=faults, requests=requests, calls=calls, calls_per_second=calls_per_second
    ) as url:
        headers = {"X-Shopify-Access-Token": sent}
        with json_api(url, headers, secret, patience, requests_per_minute) as get:
            yield get


def test_an_answer_carries_the_object_and_the_clock_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(monkeypatch) as get:
        answer = get(ORDERS, QUERY)
    assert (answer.body, answer.served_at, answer.next_url) == ({"orders": [ORDER]}, NOW, None)


@pytest.mark.parametrize("fault", ["429", "429 in seconds", "500", "hang up", "half an answer", "half a JSON", "HTML"])
def test_what_passes_is_tried_again(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    requests: list[str] = []
    with shop(monkeypatch, [fault, fault, fault], requests=requests) as get:
        assert get(ORDERS, QUERY).body == {"orders": [ORDER]}
    assert len(requests) == 4


@pytest.mark.parametrize(("fault", "reason"), [
    ("429", "answered with status 429"),
    ("500", "answered with status 500"),
    ("hang up", "did not answer well (RemoteProtocolError)"),
    ("half an answer", "did not answer well (RemoteProtocolError)"),
    ("half a JSON", "something that is not complete JSON ('application/json')"),
    ("HTML", "something that is not complete JSON ('text/html')"),
])  # fmt: skip
def test_what_does_not_pass_is_unavailable_after_all_attempts(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, reason: str
) -> None:
    requests: list[str] = []
    with shop(monkeypatch, [fault] * 9, requests=requests) as get, pytest.raises(SourceUnavailable) as raised:
        get(ORDERS, QUERY)
    assert reason in str(raised.value)
    assert str(raised.value).endswith("Tried 4 times; run again later.")
    assert len(requests) == 4


@pytest.mark.parametrize(("fault", "at_least"), [("429 in seconds", 0.2), ("429 at a date", 1.0)])
def test_the_wait_the_server_asks_for_is_kept(monkeypatch: pytest.MonkeyPatch, fault: Fault, at_least: float) -> None:
    """The date counts from the server's clock, which here is years behind ours."""
    with shop(monkeypatch, [fault]) as get:
        started = time.monotonic()
        get(ORDERS, QUERY)
    assert at_least <= time.monotonic() - started < at_least + 1


def test_a_wait_longer_than_our_patience_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[str] = []
    told = r"asks to wait 3600 seconds \(status 429\); run again after that"
    with (
        shop(monkeypatch, ["429 in an hour"], requests=requests) as get,
        pytest.raises(SourceUnavailable, match=told),
    ):
        get(ORDERS, QUERY)
    assert len(requests) == 1


def test_a_rate_limit_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[str] = []
    with shop(monkeypatch, requests=requests, calls=2, calls_per_second=20) as get:
        for _ in range(5):
            get(ORDERS, QUERY)
    assert len(requests) > 5


def test_requests_are_paced(monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(monkeypatch, requests_per_minute=600) as get:
        started = time.monotonic()
        for _ in range(4):
            get(ORDERS, QUERY)
    assert 0.3 <= time.monotonic() - started < 1


@pytest.mark.parametrize(("fault", "kind", "message"), [
    ("redirect", SourceChanged, "redirects elsewhere (status 302), which is not followed: check `url`."),
    ("a list", SourceChanged, "answered with JSON that is no object: check that `url` names the right service."),
    ("expired", SourceChanged, "does not accept the request (status 400)."),
])  # fmt: skip
def test_what_waiting_does_not_mend_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, kind: type[ConnectorError], message: str
) -> None:
    requests: list[str] = []
    with shop(monkeypatch, [fault], requests=requests) as get, pytest.raises(kind) as raised:
        get(ORDERS, QUERY)
    assert str(raised.value).endswith(message)
    assert len(requests) == 1


def test_a_refused_token_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(monkeypatch, sent=CANARY + "x") as get, pytest.raises(ConnectorError) as raised:
        get(ORDERS, QUERY)
    assert str(raised.value).endswith("refused us (status 401): check the token in SHOP_TOKEN and what it may read.")


def test_a_wrong_path_names_the_key_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(monkeypatch) as get, pytest.raises(SourceChanged, match=r"does not exist there .* check `url`"):
        get("/wrong.json", None)


def test_a_link_to_another_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(monkeypatch) as get, pytest.raises(SourceChanged, match=r"another host, '169.254.169.254'"):
        get("http://169.254.169.254/latest/meta-data?x=1", None)
    with shop(monkeypatch) as get, pytest.raises(SourceChanged, match=r"another host, '127.0.0.1'"):
        get("https://127.0.0.1/", None)
    with shop(monkeypatch) as get, pytest.raises(SourceChanged, match=r"another host, '127.0.0.1'"):
        get("http://127.0.0.1:9/", None)  # another port is another server


def test_a_link_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with shop(monkeypatch) as get, pytest.raises(SourceChanged, match="something that is no address"):
        get("http://127.0.0.1:port/", None)


def test_nobody_listening_is_unavailable_and_says_so() -> None:
    quick = Patience(attempts=2, first_wait_seconds=0.01)
    told = r"http://127.0.0.1:9/a did not answer well .*refused.* 2 times"
    with (
        json_api("http://127.0.0.1:9", {}, SecretRef(env="X"), quick) as get,
        pytest.raises(SourceUnavailable, match=told),
    ):
        get("/a", {"b": "c"})


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        shop(monkeypatch, patience=Patience(largest_answer_bytes=20)) as get,
        pytest.raises(SourceChanged, match="more than 20 bytes: lower `page_size`"),
    ):
        get(ORDERS, QUERY)


def test_no_message_log_line_or_traceback_shows_the_token_or_a_query(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    faults: list[Fault] = ["500", "429 in an hour", "redirect", "a list", "expired", "HTML", "hang up", "500", "HTML"]
    told, query = [], {"api_key": CANARY}
    with shop(monkeypatch, faults) as get:
        for target in (ORDERS, ORDERS, ORDERS, ORDERS, ORDERS, f"http://evil.example/?key={CANARY}", "/none.json"):
            with pytest.raises(ConnectorError):
                get(target, query)
            try:
                get(target, query)
            except ConnectorError:
                told.append(traceback.format_exc())
    logged = [str(record.__dict__) for record in caplog.records]
    assert told
    assert any("stamina" in line for line in logged)
    assert not any(CANARY in text or "api_key" in text for text in [*told, *logged])


@pytest.mark.parametrize("value", [f"{CANARY}\n", f" {CANARY}", f"{CANARY}é", f"a{CANARY}\x07"])
def test_a_token_that_fits_no_header_is_refused_unseen(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SHOP_TOKEN", value)
    with pytest.raises(ConnectorError, match="The value of SHOP_TOKEN cannot be a token") as raised:
        header_secret(SecretRef(env="SHOP_TOKEN"))
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize("url", [
    "http://acme.example", "http://127.1:80", "http://2130706433", "http://0x7f000001", "http://0177.0.0.1", "http://0",
    "http://[::ffff:127.0.0.1]", "http://localhost.evil.example", "ftp://127.0.0.1", "acme.example", "https://", "",
    f"https://ann:{CANARY}@acme.example", f"https://acme.example/?api_key={CANARY}", "https://acme.example/#x",
])  # fmt: skip
def test_an_address_that_is_not_safe_is_refused_unseen(url: str) -> None:
    class Config(BaseModel):
        model_config = {"hide_input_in_errors": True}
        url: ApiUrl

    with pytest.raises(ValidationError) as raised:
        Config(url=url)
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize("url", ["https://acme.example", "http://localhost:80", "http://127.0.0.1:8", "http://[::1]:8"])
def test_https_and_this_machine_are_accepted(url: str) -> None:
    assert checked_url(url + "/") == url


@pytest.mark.parametrize("header", ["-3", "nan", "inf", "soon", "", "Mon, 99 Foo 2024"])
def test_a_senseless_retry_after_leaves_the_usual_back_off(header: str) -> None:
    assert retry_after(header, NOW) is None
