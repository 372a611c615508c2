"""What the table believes of what comes from the browser."""

import pytest

from components.metadata_table import Open, Save, Sort, Turn, read_event
from core.curation.cells import MAX_CELLS, Cell
from core.i18n import catalogue


def test_events_are_read() -> None:
    cells = [[7, "meta:f", "new", "old"]]
    save = read_event({"kind": "save", "token": "t", "cells": cells})
    assert save == Save("t", (Cell(7, "meta:f", "new", "old"),))
    assert read_event({"kind": "page", "page": 3}) == Turn(3)
    assert read_event({"kind": "open", "id": 9}) == Open(9)
    sort = {"kind": "sort", "column": "name", "descending": True}
    assert read_event(sort) == Sort("name", True)
    assert read_event({**sort, "descending": "yes"}) == Sort("name", False)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "save",
        {},
        {"kind": []},
        {"kind": "burn"},
        {"kind": "page", "page": -1},
        {"kind": "page", "page": True},
        {"kind": "page", "page": 1.5},
        {"kind": "open"},
        {"kind": "sort", "column": 5, "descending": True},
        {"kind": "sort", "column": "x"},
        {"kind": "save", "token": "t" * 65, "cells": []},
        {"kind": "save", "token": "t", "cells": {}},
        {"kind": "save", "token": "t", "cells": [[1, "f", "x"]]},
        {"kind": "save", "token": "t", "cells": [["1", "f", "x", "y"]]},
        {"kind": "save", "token": "t", "cells": [[1, "f", None, "y"]]},
        {"kind": "save", "token": "t", "cells": [[1, "f", "x" * 20_001, "y"]]},
        {"kind": "save", "token": "t", "cells": [[1, "f", "x", "y"]] * (MAX_CELLS + 2)},
    ],
)
def test_hostile_events_are_ignored(payload: object) -> None:
    assert read_event(payload) is None


def test_both_languages_have_every_text() -> None:
    english, korean = (
        {key for key in catalogue(language) if key.startswith("metadata_table.")}
        for language in ("en", "ko")
    )
    assert english == korean != set()
