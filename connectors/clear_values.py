"""What a record gives in clear becomes less at the door: one lookup table per kind, each distinct value read once."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import duckdb
import pyarrow as pa
from crawleruseragents import is_crawler

from connectors.engine import run
from connectors.errors import SecretMissing
from connectors.keys import NORMAL, pseudonym

PHONE_LIBRARIES = re.compile(r"\bokhttp\b")
"""By these the apps of phones speak; the list of crawlers has them too."""


def reduce_clear_values(con: duckdb.DuckDBPyConnection, source: str, key: bytes | None) -> None:
    """Make the tables pseudonyms, ip_prefixes and user_agents of what stands in clear in the table parsed."""
    _make(con, "pseudonyms", ("kind", "clear", "pseudonym"), _pseudonyms(con, source, key))
    ips = [(ip, ip_prefix(ip)) for ip in _distinct(con, "SELECT DISTINCT ip FROM parsed WHERE ip IS NOT NULL")]
    _make(con, "ip_prefixes", ("ip", "ip_prefix"), ips)
    agents = _distinct(con, "SELECT DISTINCT user_agent FROM parsed WHERE user_agent IS NOT NULL")
    bots = [(agent, "bot" if is_bot(agent) else None, device_type(agent)) for agent in agents]
    _make(con, "user_agents", ("user_agent", "filter_reason", "device_type"), bots)


def ip_prefix(written: str) -> str | None:
    """Leave of an IP address the network that thousands share: /24 of version 4, /48 of version 6; None when it is none.

    An address of version 4 that one of version 6 carries counts as itself.

    >>> ip_prefix("203.0.113.77"), ip_prefix("2001:db8:7:8::9"), ip_prefix("::ffff:203.0.113.77"), ip_prefix("10.0.0.300")
    ('203.0.113.0/24', '2001:db8:7::/48', '203.0.113.0/24', None)
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(written.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        address = within or IPv6Address(int(address))
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def is_bot(user_agent: str) -> bool:
    """Tell whether a user agent is a known crawler, monitor or script; phones and browsers of odd names are not.

    >>> is_bot("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    True
    >>> is_bot("Mozilla/5.0 (Linux; Android 10; CUBOT X30) Chrome/90 Mobile"), is_bot("MyShop/3.2 okhttp/4.9"), is_bot("")
    (False, False, False)
    """
    return bool(is_crawler(PHONE_LIBRARIES.sub("", user_agent)))


def device_type(user_agent: str) -> str | None:
    """Read mobile, tablet or desktop off a user agent; None when it does not tell.

    >>> [device_type(f"Mozilla/5.0 ({system})") for system in ("iPhone; CPU", "iPad; CPU", "Windows NT 10.0", "Nintendo")]
    ['mobile', 'tablet', 'desktop', None]
    """
    kinds = (
        ("tablet", r"iPad|Tablet|Android(?!.*Mobi)"),
        ("mobile", r"Mobi|iPhone|iPod|Android"),
        ("desktop", r"Windows NT|Macintosh|X11|CrOS"),
    )
    return next((kind for kind, pattern in kinds if re.search(pattern, user_agent)), None)


def _pseudonyms(con: duckdb.DuckDBPyConnection, source: str, key: bytes | None) -> list[tuple[str, str, str]]:
    """One keyed hash per distinct e-mail address and phone number of the delivery."""
    clear = run(
        con,
        "SELECT DISTINCT 'email', email FROM parsed WHERE email IS NOT NULL "
        "UNION ALL SELECT DISTINCT 'phone', phone FROM parsed WHERE phone IS NOT NULL",
    )
    if not clear:
        return []
    if key is None:
        raise SecretMissing(
            f"sources.{source} carries e-mail addresses or phone numbers and this workspace has no key "
            "to hash them with; run `journeys init` to make journeys.key, then run again."
        )
    return [
        (kind, value, pseudonym(key, kind, normal))
        for kind, value in clear
        if (normal := NORMAL[kind](value)) is not None
    ]


def _distinct(con: duckdb.DuckDBPyConnection, sql: str) -> Iterable[str]:
    return (value for (value,) in run(con, sql))


def _make(
    con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]
) -> None:
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    con.from_arrow(
        pa.table({column: pa.array(cells, pa.string()) for column, cells in zip(columns, values, strict=True)})
    ).create(name)
