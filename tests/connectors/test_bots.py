"""Known bots are filtered and counted; phones, apps and browsers of odd names are customers."""

from pathlib import Path

import pytest

from connectors.clear_values import device_type
from tests.connectors.lands import CLICKS, Shop

HEAD = "what,seen,who,agent\n"
WITH_AGENT = {**CLICKS, "fields": {**CLICKS["fields"], "user_agent": "agent"}}

BOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.0; +https://openai.com/gptbot)",
    "Baiduspider+(+http://www.baidu.com/search/spider.htm)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    "curl/8.4.0",
    "Wget/1.21",
    "python-requests/2.31.0",
    "Scrapy/2.11 (+https://scrapy.org)",
]
CUSTOMERS = [
    "",
    "-",
    "Cubot X30",
    "Abbott",
    "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/90.0.4430.91 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/80.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 7.0; en-us; CUBOT_NOTE_S Build/NRD90M) AppleWebKit/537.36",
    "Mozilla/5.0 (Linux; Android 12; Abbott Reader) AppleWebKit/537.36 Chrome/99 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; Robotel R1) AppleWebKit/537.36 Chrome/90 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 8; Botticelli Tab) AppleWebKit/537.36 Chrome/90 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 11; Talbot 5) AppleWebKit/537.36 Chrome/90 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; TECNO Spider) AppleWebKit/537.36 Chrome/100 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 11; Auditor Pro) AppleWebKit/537.36 Chrome/96 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 11; Checkers Phone) AppleWebKit/537.36 Chrome/96 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; SEO-X1) AppleWebKit/537.36 Chrome/96 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; Index Survey Thumb) AppleWebKit/537.36 Chrome/96 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 RoboticsLab/1.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 300.0",
    "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/400.0]",
    "Mozilla/5.0 (Linux; Android 12; Pixel 6) AppleWebKit/537.36 DuckDuckGo/5 Chrome/100 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Ubuntu Chromium/110 Chrome/110 Safari/537.36",
    "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
    "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; id) Presto/2.12.423 Version/12.16",
    "Dalvik/2.1.0 (Linux; U; Android 11; ROBOT 10 Build/RP1A)",
    "MyShop/3.2 (iPhone; iOS 17.1; Scale/3.00)",
    "MyShop/3.2 okhttp/4.9",
]


def lines(agents: list[str]) -> str:
    return HEAD + "".join(f'view,2024-05-01,u{n},"{agent}"\n' for n, agent in enumerate(agents))


def test_known_bots_are_filtered_to_the_last(tmp_path: Path) -> None:
    shop = Shop(tmp_path, WITH_AGENT)
    assert shop.send("a.csv", lines(BOTS)) == {"filtered bot": len(BOTS)}
    assert shop.events() == []


def test_false_friends_are_kept_to_the_last(tmp_path: Path) -> None:
    shop = Shop(tmp_path, WITH_AGENT)
    assert shop.send("a.csv", lines(CUSTOMERS)) == {"accepted": len(CUSTOMERS)}


def test_a_bot_among_customers_is_counted_once_per_record(tmp_path: Path) -> None:
    shop = Shop(tmp_path, WITH_AGENT)
    assert shop.send("a.csv", lines([BOTS[0], CUSTOMERS[4], BOTS[0]])) == {"accepted": 1, "filtered bot": 2}


@pytest.mark.parametrize(("said", "fate"), [("true", "filtered bot"), ("false", "accepted"), ("", "accepted")])
def test_what_the_source_itself_knows_to_be_a_bot_is_filtered(tmp_path: Path, said: str, fate: str) -> None:
    shop = Shop(tmp_path, {**CLICKS, "fields": {**CLICKS["fields"], "is_bot": "bot"}})
    assert shop.send("a.csv", f"what,seen,who,bot\nview,2024-05-01,ann,{said}\n") == {fate: 1}


def test_a_bot_that_cannot_be_read_is_quarantined_like_anybody(tmp_path: Path) -> None:
    assert Shop(tmp_path, WITH_AGENT).send("a.csv", f'{HEAD}view,never,ann,"{BOTS[0]}"\n') == {
        "quarantined bad_time": 1
    }


def test_the_user_agent_tells_the_device_where_no_column_does(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {**CLICKS, "fields": {**WITH_AGENT["fields"], "device_type": "device"}})
    shop.send(
        "a.csv", f'what,seen,who,agent,device\nx,2024-05-01,,"{CUSTOMERS[4]}",\ny,2024-05-01,,"{CUSTOMERS[4]}",tv\n'
    )
    assert shop.events("device_type") == [("mobile",), ("tv",)]


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (CUSTOMERS[4], "mobile"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "mobile"),
        ("Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (Linux; Android 12; SM-X200) AppleWebKit/537.36 Chrome/110 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15", "desktop"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/120 Safari/537.36", "desktop"),
        ("MyShop/3.2", None),
    ],
)
def test_devices(agent: str, device: str | None) -> None:
    assert device_type(agent) == device
