"""What a diagram of flows draws: columns, nodes and links, where rare links share one way."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

START, MORE, OTHER, OTHER_END, RARE = "(start)", "(more)", "(other)", "(other end)", "(rare)"
ENDS = ("(end)", "(success)", "(active)", "(open)", OTHER_END, "(dropped)")
RARE_SHARE = 0.005
"""A link with a smaller share of all journeys is drawn by way of the node `(rare)`, which lies between two columns."""

Place = tuple[float, str]
"""Where a node is: its column (0 is the start, k the k-th visit, k + 1/2 the rare links between) and its name."""


@dataclass(frozen=True)
class Node:
    """A stage, or an end, in a column; `members` are the names it stands for if it is a merged one."""

    place: Place
    n_journeys: int
    n_people: int
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """The journeys that go from one node straight to another."""

    source: Place
    target: Place
    n_journeys: int
    n_people: int


@dataclass(frozen=True)
class Flow:
    """A whole diagram; `rare` counts links and journeys per step that go through the node `(rare)`."""

    n_journeys: int
    n_people: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    rare: Mapping[int, tuple[int, int]]

    @property
    def columns(self) -> tuple[int, int]:
        """The first column and the last, which holds nothing but ends and who goes on."""
        columns = [floor(node.place[0]) for node in self.nodes]
        return min(columns), max(columns)

    @property
    def n_visits(self) -> int:
        """The last column that holds stage visits."""
        return max(floor(node.place[0]) for node in self.nodes if is_stage(node.place[1]))


def is_stage(name: str) -> bool:
    """Tell whether a node is a place where journeys stay, not a start, an end, or a bundle.

    >>> is_stage("cart"), is_stage("(other)"), is_stage("(dropped)"), is_stage("(more)")
    (True, True, False, False)
    """
    return name not in (START, MORE, RARE, *ENDS)
