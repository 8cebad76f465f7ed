"""Every example of the library's pages and of the README runs, as it is written, beside the demo."""

import ast
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from plotly.graph_objects import Figure

import journey_mining as jm
from journey_mining import Result
from pipelines.run import Outcome

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")) if "```python" in page.read_text()),
]
EVENTS = pd.DataFrame(
    {
        "user_id": ["ann", "ann", "ann", "bob"],
        "name": ["search", "cart", "purchase", "search"],
        "at": pd.date_range("2026-02-01 09:00", periods=4, freq="h"),
        "country": ["DE", "DE", "DE", "AT"],
    }
)


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(
    page: str, demo_shop: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of one page go on from each other; what a line alone gives is a table with rows, or a figure.

    A funnel into which nobody comes, or a designed stage nobody visits, would teach a name that there is not.
    """
    (tmp_path / "demo").symlink_to(demo_shop.workspace)
    EVENTS.to_parquet(tmp_path / "events.parquet")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"jm": jm, "pd": pd}
    for block in re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL):
        for statement in ast.parse(block).body:
            line = ast.unparse(statement)
            found = eval(line, names) if isinstance(statement, ast.Expr) else exec(line, names)
            if isinstance(found, Figure):
                assert found.data, line
                found = eval(line.removesuffix(".figure()"), names)
            table = found.table if isinstance(found, Result) else found
            if isinstance(table, pd.DataFrame):
                assert len(table), line
                for count in {"n_entries", "n_visited"} & set(table):
                    assert (table[count] > 0).all(), line
