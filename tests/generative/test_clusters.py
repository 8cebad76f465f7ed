"""The clusters of identifiers, within their caps, agree with plain Python on any small graph."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.identity import KINDS, clusters
from tests.reference import identity

CAPS = st.fixed_dictionaries({kind: st.integers(1, 4) for kind in (*KINDS, "person") if kind != "device"})
NAMES = st.lists(st.sampled_from(KINDS), min_size=2, max_size=9).map(
    lambda kinds: sorted(f"{kind}:{'web' if number % 2 else 'desk'}:{number}" for number, kind in enumerate(kinds))
)


@given(names=NAMES, caps=CAPS, data=st.data())
def test_arrays_and_plain_python_agree_who_is_one_person_and_which_links_are_suspended(names, caps, data):
    pairs = list(combinations(names, 2))
    links = sorted(data.draw(st.sets(st.sampled_from(pairs))))
    unlinked = data.draw(st.sets(st.sampled_from(links), max_size=2)) if links else set()
    found = clusters(
        np.array([KINDS.index(identity.kind_of(name)) for name in names]),
        np.array([name.split(":")[1] == "web" for name in names], dtype=np.int64),
        np.array([names.index(left) for left, _ in links], dtype=np.int64),
        np.array([names.index(right) for _, right in links], dtype=np.int64),
        caps,
        np.array([link in unlinked for link in links], dtype=bool),
    )
    cluster_of, suspended = identity.clusters(links, caps, unlinked)
    assert [names[smallest] for smallest in found.smallest] == [min(cluster_of.get(name, {name})) for name in names]
    assert {link: why for link, why in zip(links, found.suspended, strict=True) if why} == suspended
    somebodys = [name for name in names if identity.is_somebodys(name)]
    sizes = [sum(other in cluster_of.get(name, {name}) for other in somebodys) for name in somebodys]
    users = {name for name in somebodys if name.startswith("user:")}
    assert all(size <= max(caps["person"], len(users)) for size in sizes)
