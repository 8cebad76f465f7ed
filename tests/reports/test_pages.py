"""What every page shares: only our own scripts may run, numbers are legible, colours have contrast, few people are not told of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader

from pipelines import pages
from pipelines.pages import Figure, asset, environment, policy, render
from pipelines.wording import percent

LEAST_PEOPLE = 10

BUILD = {"build_id": "b1", "name": "Shop", "as_of": None, "n_events": 1}
PAIRS = """
ink ground, ink card, soft ground, soft card, soft groove, soft bad-tint, soft good-tint, soft unsure-tint, blue card, on-press press,
card bad, bad card, bad bad-tint, good card, good good-tint, unsure ground, unsure unsure-tint
"""


@pytest.fixture
def template(monkeypatch):
    """Render a template of one's own on the base."""

    def rendered(text: str, **context: object) -> str:
        source = (
            "{% extends 'base.html.j2' %}{% block title %}T{% endblock %}{% block main %}" + text + "{% endblock %}"
        )
        env = environment()
        env = env.overlay(loader=ChoiceLoader([DictLoader({"own": source}), env.loader]))
        monkeypatch.setattr(pages, "environment", lambda: env)
        return render("own", page="kpi_board", build=BUILD, **context)

    return rendered


def test_a_page_allows_its_own_scripts_and_styles_alone(template) -> None:
    html = template("<p>x</p>")
    assert policy([asset("script.js")], [asset("style.css")]) in html.replace("&#39;", "'")
    assert html.index("Content-Security-Policy") < html.index("<title>") < html.index("<style>")


def test_a_script_that_slips_into_the_markup_is_not_allowed_to_run(template) -> None:
    slipped = "alert(1)"
    html = template("<script>" + slipped + "</script>")
    assert policy([slipped], []).split(";")[1].split()[1] not in html.replace("&#39;", "'")


def test_the_policy_forbids_everything_by_default() -> None:
    assert (
        policy([], []) == "default-src 'none'; script-src 'none'; style-src 'none'; base-uri 'none'; form-action 'none'"
    )


def test_values_are_escaped_in_text_and_in_attributes(template) -> None:
    html = template('<p title="{{ label }}">{{ label }}</p>', label='"><img src=x onerror=alert(1)>')
    assert "<img" not in html
    assert html.count("&#34;&gt;&lt;img src=x onerror=alert(1)&gt;") == 2


@pytest.mark.parametrize("kind", ["scripts", "styles"])
def test_a_script_that_would_end_its_own_element_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="would end it"):
        render("kpi_board.html.j2", **{kind: [f"'</{kind[:-1]}>'"]})


def test_a_figure_names_its_row_whatever_its_key_holds() -> None:
    figure = Figure("1", "Visits", "t", "c", {"channel": "a&b=c '\"<x>", "stage": ""}, 1.0)
    assert figure.address == "channel=a%26b%3Dc+%27%22%3Cx%3E&stage="
    assert figure.exact == "1.0"


@given(st.floats(0, 1))
def test_a_percentage_never_rounds_to_nobody_or_everybody(share: float) -> None:
    text = percent(share)
    assert (text == "0%") == (share == 0)
    assert (text == "100%") == (share == 1)
    assert text not in ("0.0%", "0.00%", "100.0%", "1.00%")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), [pair.split() for pair in PAIRS.split(",")])
def test_text_stands_out_from_its_ground_as_wcag_aa_asks(scheme: str, front: str, back: str) -> None:
    assert contrast(colours(scheme)[front], colours(scheme)[back]) >= 4.5


def colours(scheme: str) -> dict[str, str]:
    """The named colours of the style sheet."""
    light, dark = asset("style.css").split("prefers-color-scheme: dark", 1)
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})\b", light))
    return found if scheme == "light" else found | dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})\b", dark))


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2, 1.4.3), 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
