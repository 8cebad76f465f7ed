"""Reads a page as its reader would: its figures, its elements, its text."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl

import duckdb

VOID = {"meta", "input", "br", "link", "hr", "img"}


class Page(HTMLParser):
    """Every element with its attributes and its text, and whether a hidden one holds it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[dict[str, Any]] = []
        self._open: list[dict[str, Any]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parents = list(self._open)
        element = {
            "tag": tag,
            "attrs": dict(attrs),
            "text": "",
            "is_hidden": "hidden" in dict(attrs) or any(one["is_hidden"] for one in parents),
        }
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1]["tag"] == tag, f"</{tag}> closes <{self._open[-1]['tag']}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element["text"] += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, Any]]:
        """The elements of a tag with these attributes."""
        return [
            one
            for one in self.elements
            if one["tag"] == tag and all(one["attrs"].get(name) == value for name, value in attributes.items())
        ]

    @property
    def figures(self) -> list[dict[str, Any]]:
        """Every figure: its table, column, key and value, what is shown, its interval and n, and whether it is hidden at first."""
        return [
            {
                "table": one["attrs"]["data-table"],
                "column": one["attrs"]["data-column"],
                "key": dict(parse_qsl(one["attrs"]["data-key"], keep_blank_values=True)),
                "value": one["attrs"]["data-value"],
                "text": one["text"].strip(),
                "what": one["attrs"]["data-what"],
                "interval": one["attrs"].get("data-interval", ""),
                "counted": one["attrs"].get("data-counted", ""),
                "is_hidden": one["is_hidden"],
            }
            for one in self.all("button")
            if "data-table" in one["attrs"]
        ]

    @property
    def shown_text(self) -> str:
        """The text of what is not hidden, but for scripts and styles."""
        return " ".join(
            one["text"]
            for one in self.elements
            if one["tag"] in ("p", "th", "td", "h1", "h2", "li", "dd", "dt") and not one["is_hidden"]
        )


def in_table(con: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> str:
    """The cell that a figure says it comes from, as the page would write it exactly."""
    where = " AND ".join(f"{name} = ?" for name in figure["key"])
    found = con.execute(
        f"SELECT {figure['column']} FROM {figure['table']} WHERE {where}", list(figure["key"].values())
    ).fetchall()
    assert len(found) == 1, f"{figure} names {len(found)} rows"
    return "" if found[0][0] is None else repr(found[0][0])
