"""An absorbing Markov chain, counted from journeys: its states, what is expected of each, and how sure that is.

Kemeny and Snell, Finite Markov Chains (1960), chapter 3: with Q the probabilities among states that are left again,
the fundamental matrix (I - Q)^-1 holds how often each is expected to be entered from each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journey_mining.errors import ArgumentError, StepsError, unknown_name
from journey_mining.names import require_steps
from journey_mining.steps import Opened

START, SUCCESS = "(start)", "(success)"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chain:
    """Counted moves between states: `(start)` first, then names, and the ends, which are columns only.

    `n_moves` has a row per state and a column per state and end; `seconds` are the mean ones of a move out of a state.
    `edges` are the places of the moves there are, in the order in which they are counted.
    """

    states: tuple[str, ...]
    ends: tuple[str, ...]
    n_moves: NDArray[np.int64]
    seconds: Floats
    edges: NDArray[np.int64]

    @property
    def n_left(self) -> NDArray[np.int64]:
        """How often each state was left."""
        return np.asarray(self.n_moves.sum(axis=1))

    @property
    def probabilities(self) -> Floats:
        """The share of the moves out of a state, row by row."""
        return np.asarray(self.n_moves / self.n_left[:, None])

    @property
    def n_journeys(self) -> int:
        """How many mature journeys were counted."""
        return int(self.n_left[0])

    def place(self, name: str, what: str) -> int:
        """Return the column of a state or an end."""
        names = (*self.states, *self.ends)
        if name not in names:
            raise ArgumentError(f"{what}: {unknown_name('name', name, names)}")
        return names.index(name)


@dataclass(frozen=True)
class Expected:
    """What is expected from each state on: visits to each, P(success), moves and seconds until the end.

    The last three also have the ends: 1 at `(success)` and 0 at the others; no move and no second.
    """

    visits: Floats
    success: Floats
    moves: Floats
    seconds: Floats


NAME_SUCCESS = "give success='...', the name that ends a journey well"


def require_success(analysis: Opened, success: str | None) -> None:
    """Raise `ArgumentError` if no step has the name that is to be success."""
    if success is not None:
        require_steps(analysis, "success", [success])


def counted(analysis: Opened) -> tuple[Chain, str]:
    """Count the moves of mature journeys between the rows of `states`; return the chain, and the SQL of the counts."""
    analysis.run("markov/moves")
    moves = analysis.table("markov/move_counts")
    if moves.empty:
        raise StepsError("steps: no journey is mature yet; there is nothing to count")
    states = [START, *sorted(set(moves["source"]) - {START})]
    ends = sorted(set(moves["target"]) - set(states))
    columns = {name: place for place, name in enumerate([*states, *ends])}
    edges = np.array([moves["source"].map(columns), moves["target"].map(columns)], dtype=np.int64)
    n_moves = np.zeros((len(states), len(columns)), dtype=np.int64)
    n_moves[edges[0], edges[1]] = moves["n_moves"]
    spent = np.bincount(edges[0], moves["milliseconds"] / 1000, len(states))
    return Chain(tuple(states), tuple(ends), n_moves, spent / n_moves.sum(axis=1), edges), str(moves.attrs["sql"])


def expected(chain: Chain, probabilities: Floats | None = None) -> Expected:
    """Solve a chain, with other probabilities than those counted if any are given.

    Two of three journeys buy, one of them after a second look:

    >>> counts = np.array([[0, 3, 0, 0], [0, 1, 1, 2]])
    >>> chain = Chain(("(start)", "look"), ("(dropped)", "(success)"), counts, np.zeros(2), np.array(counts.nonzero()))
    >>> solved = expected(chain)
    >>> solved.success[:2].round(3).tolist(), solved.visits[0].round(3).tolist()
    ([0.667, 0.667], [1.0, 1.333])
    """
    shares = chain.probabilities if probabilities is None else probabilities
    n = len(chain.states)
    refuse_endless(chain, shares)
    visits = np.asarray(np.linalg.solve(np.eye(n) - shares[:, :n], np.eye(n)), dtype=np.float64)
    is_success = np.array([end == SUCCESS for end in chain.ends], dtype=float)
    success = np.clip(visits @ (shares[:, n:] @ is_success), 0, 1)
    nothing = np.zeros(len(chain.ends))
    return Expected(
        visits,
        np.concatenate([success, is_success]),
        np.concatenate([visits.sum(axis=1), nothing]),
        np.concatenate([visits @ chain.seconds, nothing]),
    )


def refuse_endless(chain: Chain, shares: Floats) -> None:
    """Raise `ArgumentError` if some state leads to no end: nothing could be expected of it."""
    import networkx as nx

    names = (*chain.states, *chain.ends)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from((names[source], names[target]) for source, target in np.argwhere(shares > 0))
    ending = set(chain.ends).union(*(nx.ancestors(graph, end) for end in chain.ends))
    if endless := sorted(set(names) - ending):
        raise ArgumentError(f"changes: journeys at {', '.join(endless)} would never end; leave them a way out")


def start_weights(chain: Chain, solved: Expected) -> Floats:
    """Return how much one more move along each edge would change P(success) from the start: its derivative.

    The gradient of the fundamental matrix gives it: visits to the source, times what the target is better than the
    source, over how often the source was left.
    """
    source, target = chain.edges
    gain = solved.success[target] - solved.success[source]
    return np.asarray(solved.visits[0, source] / chain.n_left[source] * gain)
