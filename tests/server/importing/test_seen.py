"""Ids of a file, remembered in sorted runs, against a plain dictionary."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server.importing.seen import Seen

Batches = st.lists(st.sets(st.integers(0, 2**64 - 1), max_size=12), max_size=12)


@given(Batches)
def test_what_was_added_is_found_with_its_row_and_content(batches: list[set[int]]) -> None:
    seen, known, row = Seen(), {}, 0
    for batch in batches:
        fresh = sorted(batch - known.keys())
        rows = np.arange(row, row + len(fresh))
        row += len(fresh)
        contents = np.array([one // 3 for one in fresh], dtype=np.uint64)
        seen.add(np.array(fresh, dtype=np.uint64), rows, contents)
        known |= {one: (int(at), one // 3) for one, at in zip(fresh, rows, strict=True)}
        asked = sorted({*known, 1, 2**64 - 1, *(one ^ 1 for one in known)})
        found_rows, found_contents = seen.find(np.array(asked, dtype=np.uint64))
        expected = [known.get(one, (-1, 0)) for one in asked]
        assert [(int(a), int(b)) for a, b in zip(found_rows, found_contents, strict=True)] == expected
