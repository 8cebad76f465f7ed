"""What all figures share: colours that the colour-blind tell apart, a quiet frame, and text that cannot do harm."""

from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Any

from plotly.graph_objects import Figure

PALETTE = ("#0072B2", "#E69F00", "#56B4E9", "#AA3377", "#332288", "#C9A66B", "#EE3377", "#6B4E16", "#4A2C6F", "#1C2333")
"""Begun after Okabe and Ito (2008); green and vermilion are left to the ends of journeys. A test sees them as the colour-blind do."""
END_COLOURS = {"(success)": "#0F5C3A", "(active)": "#C3C9D4", "(open)": "#C3C9D4", "(dropped)": "#D55E00"}
GREY, INK, PAPER, GRID = "#8A93A3", "#1C2333", "#FFFFFF", "#E6E9EF"
DIVERGING = ((0.0, "#B35806"), (0.5, "#F7F7F7"), (1.0, "#542788"))
"""Less to more, for differences: orange and purple stay apart for every kind of colour-blindness."""
SEQUENTIAL = ((0.0, "#F4F7FB"), (1.0, "#08519C"))
FONT = {"family": "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif", "size": 12, "color": INK}


def label(name: object) -> str:
    """Return a name that came from data as text that Plotly shows as it is.

    >>> label("<b>cart</b>")
    '&lt;b&gt;cart&lt;/b&gt;'
    """
    return escape(str(name))


def wrapped(text: object, width: int = 42) -> str:
    """Return a text that came from data on lines that a narrow phone shows whole.

    >>> wrapped("Share of 2,926 journeys per step, in %, 38.4% of <all>")
    'Share of 2,926 journeys per step, in %,<br>38.4% of &lt;all&gt;'
    """
    return "<br>".join(map(label, wrap(str(text), width)))


def colours(names: Sequence[str]) -> dict[str, str]:
    """Return a colour per name, in order; ends of journeys have their own, and what is folded together is grey.

    >>> colours(["cart", "(success)", "(other)"])
    {'cart': '#0072B2', '(success)': '#0F5C3A', '(other)': '#8A93A3'}
    """
    own = [name for name in names if not name.startswith("(")]
    found = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(own)}
    return {name: found.get(name) or END_COLOURS.get(name, GREY) for name in names}


def frame(title: str, height: int, **more: Any) -> dict[str, Any]:
    """Return the layout that every figure begins with; it takes the width it is given."""
    text = wrapped(title)
    # Plotly puts the middle of several lines where that of one would be.
    above = 8 + 10 * text.count("<br>")
    return {
        "title": {
            "text": text,
            "font": {"size": 15},
            **{"x": 0, "xref": "container", "y": 1, "yref": "container", "yanchor": "top", "pad": {"l": 8, "t": above}},
        },
        "autosize": True,
        "height": height,
        "font": FONT,
        "margin": {"l": 8, "r": 8, "t": 48, "b": 8},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "hoverlabel": {"align": "left", "bgcolor": PAPER, "bordercolor": "#C5CAD3", "font": {"color": INK, "size": 13}},
    } | more


def percent(share: float) -> str:
    """Return a share as people read it.

    >>> percent(0.123), percent(0.0004), percent(1.0), percent(float("nan"))
    ('12.3%', '<0.1%', '100.0%', 'unknown')
    """
    if share != share:
        return "unknown"
    return "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def interval(low: float, high: float) -> str:
    """Return the limits of a share as people read them; nobody knows those of what a single person did.

    >>> interval(0.1, 0.25), interval(float("nan"), float("nan"))
    ('(10.0% to 25.0%)', '(interval unknown)')
    """
    return f"({percent(low)} to {percent(high)})" if low == low else "(interval unknown)"


def span(seconds: float) -> str:
    """Return a length of time as people say it.

    >>> span(42.8), span(5400), span(91355), span(0)
    ('43 s', '1.5 h', '25 h', '0 s')
    >>> span(400_000), span(float("nan"))
    ('4.6 d', '–')
    """
    if seconds != seconds:
        return "–"
    size, unit = next((pair for pair in ((86400, "d"), (3600, "h"), (60, "min")) if seconds >= 1.5 * pair[0]), (1, "s"))
    if unit == "d" and seconds < 3 * 86400:
        size, unit = 3600, "h"
    amount = seconds / size
    return f"{amount:.1f} {unit}" if amount < 10 and amount != round(amount) and unit != "s" else f"{amount:.0f} {unit}"


def nothing(why: str) -> Figure:
    """Return the figure of a table without anything to draw, which says why."""
    return Figure(layout=frame(why, 80, xaxis={"visible": False}, yaxis={"visible": False}))


def headings(texts: Sequence[str], shift: int, rows: Sequence[float] | None = None) -> list[dict[str, Any]]:
    """Return annotations that stand `shift` pixels over rows of a figure, whole at any width. Escape names before."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "yanchor": "middle", "yshift": shift, "showarrow": False}
    rows = range(len(texts)) if rows is None else rows
    return [{"text": text, "y": row, "align": "left", **place} for row, text in zip(rows, texts, strict=True)]


def interval_bars(value: Any, low: Any, high: Any) -> dict[str, Any]:
    """Return the error bars of horizontal marks with these limits."""
    return {
        "type": "data",
        "symmetric": False,
        "array": high - value,
        "arrayminus": value - low,
        "color": INK,
        "thickness": 1.2,
        "width": 4,
    }
