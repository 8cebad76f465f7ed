"""What lands of an address: the path with secrets masked, the query parameters that the source names, of an IP its network."""

from pathlib import Path
from typing import Any

import pytest

from connectors.keys import make_key
from pipelines.collect import out_of_date
from tests.connectors.lands import CLICKS, Shop, definition
from tests.connectors.test_landing import clear_texts

HEAD = "what,seen,who,url,ip\n"
VISITS = {**CLICKS, "fields": {**CLICKS["fields"], "page": "url", "ip": "ip"}}


def landed(root: Path, url: str, columns: str, **keys: Any) -> Any:
    """What one visit of an address leaves."""
    shop = Shop(root, {**VISITS, **keys})
    shop.send("a.csv", f'{HEAD}view,2024-05-01,ann,"{url}",\n')
    [row] = shop.events(columns)
    return row[0]


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "kept"),
        [
            ("/reset/8f14e45fceea167a5a36dedd4bea2543", "/reset/(token)"),
            ("/reset/k3v9Qz", "/reset/(token)"),
            ("/password-reset/abc-5kd-91", "/password-reset/(token)"),
            ("/de/verify_email/483920/done", "/de/verify_email/(token)/done"),
            ("/u/alice@example.com/orders", "/u/(email)/orders"),
            ("/u/alice%40example.com", "/u/(email)"),
            ("/u/alice%2540example.com", "/u/(email)"),
            ("/s/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/s/(token)"),
            (
                "/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
                "/t/(token)",
            ),
            ("/t/dGhpcyBpcyBhIHNlY3JldCB0b2tlbg==", "/t/(token)"),
            ("/t/AKIAIOSFODNN7EXAMPLEabc", "/t/(token)"),
            ("/t/dGhpcyBpcyBh+SBzZWNyZXQ2dG9rZW4x", "/t/(token)"),
            ("/t/dGhpcyBpcyBh%2BSBzZWNyZXQ2dG9rZW4x", "/t/(token)"),
            ("/shop;jsessionid=1A2B3C4D5E6F/cart", "/shop/cart"),
            ("/product/mens-google-t-shirt-blue-2021-edition", "/product/mens-google-t-shirt-blue-2021-edition"),
            ("/iphone-12-pro-max-256gb-5g-mmwave", "/iphone-12-pro-max-256gb-5g-mmwave"),
            ("/Google+Redesign/Apparel/Mens/Google+Tee+2021", "/Google+Redesign/Apparel/Mens/Google+Tee+2021"),
            ("/wiki/%E3%83%86%E3%82%B9%E3%83%88%E3%83%9A", "/wiki/%E3%83%86%E3%82%B9%E3%83%88%E3%83%9A"),
            ("/dp/B08N5WRWNW", "/dp/B08N5WRWNW"),
            ("/search/Nike+Air+Max+90+Shoes", "/search/Nike+Air+Max+90+Shoes"),
            ("/c/women%2Fshoes%2Fboots%2Fsale", "/c/women%2Fshoes%2Fboots%2Fsale"),
            ("/reset/password", "/reset/password"),
            ("/checkout/confirmation/2024", "/checkout/confirmation/2024"),
            ("/order/100045", "/order/100045"),
            ("/a-very-long-name-of-a-page-without-any-number", "/a-very-long-name-of-a-page-without-any-number"),
            ("/@ann", "/@ann"),
        ],
    )
    def test_hide_tokens_and_addresses_and_nothing_else(self, tmp_path: Path, path: str, kept: str) -> None:
        assert landed(tmp_path, f"https://shop.example{path}?x=1", "page_path") == kept


class TestQueries:
    URL = "https://shop.example/search?utm_source=News&q=red+shoes%21&token=canary&q=second#frag?q=third"

    def test_land_only_where_the_source_names_them_as_properties_in_order(self, tmp_path: Path) -> None:
        assert landed(tmp_path / "a", self.URL, "properties") is None
        kept = landed(tmp_path / "b", self.URL, "properties", query=["utm_source", "q"])
        assert kept == '{"q":"red shoes!","utm_source":"News"}'
        assert landed(tmp_path / "c", self.URL, "page_path", query="q") == "/search"

    def test_stand_beside_the_properties_of_the_mapping(self, tmp_path: Path) -> None:
        kept = landed(tmp_path, self.URL, "properties", query="q", properties={"kind": "what"})
        assert kept == '{"kind":"view","q":"red shoes!"}'

    @pytest.mark.parametrize(
        ("query", "value"),
        [
            ("?q=ann%40example.org+shoes", '{"q":"(email) shoes"}'),
            ("?q=ann%2540example.org", '{"q":"(email)"}'),
            ("?q=%ff", '{"q":"%ff"}'),
            ("?q=a=b", '{"q":"a=b"}'),
            ("?q=", None),
            ("?q", None),
            ("?", None),
            ("?Q=1&qq=2", None),
            ("#?q=1", None),
        ],
    )
    def test_are_read_as_browsers_write_them(self, tmp_path: Path, query: str, value: str | None) -> None:
        assert landed(tmp_path, f"/search{query}", "properties", query="q") == value

    def test_another_list_makes_what_has_landed_out_of_date(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, VISITS)
        shop.send("a.csv", f"{HEAD}view,2024-05-01,ann,/,\n")
        spec = {"connector": "files", "path": "in/**/*", **VISITS}
        assert out_of_date(shop.workspace, definition({"web": spec})) == []
        assert out_of_date(shop.workspace, definition({"web": {**spec, "query": ["q"]}})) == ["web"]


@pytest.mark.parametrize(
    ("ip", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        (" 203.0.113.77 ", "203.0.113.0/24"),
        ("2001:db8:7:8:9:a:b:c", "2001:db8:7::/48"),
        ("2001:DB8:7::1", "2001:db8:7::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2002:cb00:714d::1", "203.0.113.0/24"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.0/24"),
        ("203.0.113.300", None),
        ("203.0.113", None),
        ("0x7f000001", None),
        ("2130706433", None),
        ("unknown", None),
        ("", None),
    ],
)
def test_of_an_ip_address_the_network_lands(tmp_path: Path, ip: str, prefix: str | None) -> None:
    shop = Shop(tmp_path, VISITS)
    assert shop.send("a.csv", f"{HEAD}view,2024-05-01,ann,,{ip}\n") == {"accepted": 1}
    assert shop.events("ip_prefix") == [(prefix,)]


CANARIES = (
    "canary", "Canary", "example.org", "7946 0018", "79460018", "203.0.113.77", "2001:db8:7:8", "8f14e45fceea167a",
    "k3v9Qz", "Mozilla", "CUBOT",
)  # fmt: skip
SEEN_BY = {
    "event_name": "what",
    "fields": {
        "occurred_at": "seen", "email": "mail", "phone": "phone", "ip": "ip", "user_agent": "agent", "page": "url",
        "referrer": "from",
    },
    "query": ["q"],
}  # fmt: skip
VISIT = (
    "view,{at},{mail},+44 20 7946 0018,{ip},Mozilla/5.0 (Linux; Android 10; CUBOT X30) Mobile,"
    "https://shop.example/reset/{token}/u/canary1@example.org?q=shoes&token=canary2&mail=canary3@example.org,"
    "https://canary4:canary5@news.example/canary6?canary7=8\n"
)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_no_byte_below_landing_tells_a_person_but_in_the_quarantine(tmp_path: Path, name: str) -> None:
    make_key(tmp_path / "journeys.key")
    shop = Shop(tmp_path, SEEN_BY)
    seen = [
        VISIT.format(at="2024-05-01", mail="Canary.One@Example.org", ip="203.0.113.77", token="k3v9Qz"),
        VISIT.format(
            at="2024-05-02", mail="info@example.org", ip="2001:db8:7:8::9", token="8f14e45fceea167a5a36dedd4bea2543"
        ),
    ]
    assert shop.send(name, "what,seen,mail,phone,ip,agent,url,from\n" + "".join(seen)) == {"accepted": 2}
    assert clear_texts(shop.landing, CANARIES) == set()
    assert shop.events("page_path, referrer_host, properties, ip_prefix, device_type, left(email_key, 7)")[1] == (
        "/reset/(token)/u/(email)", "news.example", '{"q":"shoes"}', "2001:db8:7::/48", "mobile", "shared-",
    )  # fmt: skip
    late = VISIT.format(at="never", mail="Canary.One@Example.org", ip="203.0.113.77", token="k3v9Qz")
    shop.send(f"b{name}", "what,seen,mail,phone,ip,agent,url,from\n" + late)
    assert {path for path, _ in clear_texts(shop.landing, CANARIES)} == {"000002.quarantine.parquet"}
