"""Tables with given margins: all of them, and a number there are certainly no fewer than."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.findings.methods.tables import all_tables, no_fewer_than


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=4))
@settings(deadline=None)
def test_never_more_than_there_are(table):
    """The quick number is at most the length of the list, so nothing listed before is now drawn."""
    counts = np.array(table)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    listed = all_tables(rows, columns, limit=10**6)
    assert listed is not None
    assert (listed.sum(axis=2) == rows).all()
    assert (listed.sum(axis=1) == columns).all()
    assert 1 <= no_fewer_than(rows, columns) <= len(listed)


def test_a_usual_characteristic_is_seen_at_once():
    """Three groups of 117 people in four boxes are far more tables than are ever listed."""
    assert no_fewer_than(np.array([52, 53, 12]), np.array([15, 63, 30, 9])) > 40_000
