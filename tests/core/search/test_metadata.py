"""Attributes of many images taken apart in one pass."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search import metadata
from core.search.metadata import taken_apart

VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(
    [0.5, 2.0, 1e300, "2", "true", "한글", "", ["x"], {"a": 1}]
)  # fmt: skip
OBJECTS = st.lists(st.dictionaries(st.sampled_from(["a", "b c", "다"]), VALUES), max_size=12)


def apart(texts):
    """As the database hands them out: each text with the images that have it."""
    rows = {}
    for row, text in enumerate(texts):
        rows.setdefault(text, []).append(row)
    return taken_apart(
        [(text, np.array(some, dtype=np.int32)) for text, some in rows.items()], len(texts)
    )


@settings(max_examples=150, deadline=None)
@given(OBJECTS)
def test_each_image_has_what_its_own_object_says(objects):
    found = apart(list(map(json.dumps, objects))).by_name
    plain = (str, int, float)  # truth values are integers too
    named = {name for each in objects for name, value in each.items() if isinstance(value, plain)}
    assert found.keys() == named
    for name, attribute in found.items():
        numbers, words = attribute.numbers(), attribute.by_word()
        starts, owners = words.owners()
        by_word = {
            word: owners[starts[place] : starts[place + 1]].tolist()
            for place, word in enumerate(words.words())
        }
        for row, each in enumerate(objects):
            value = each.get(name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            assert np.array_equal(numbers[row], value if is_number else np.nan, equal_nan=True)
            having = [word for word, rows in by_word.items() if row in rows]
            assert len(having) == isinstance(value, plain)
            if isinstance(value, str):
                assert having == [value]
            elif is_number:
                assert float(having[0]) == value
            elif isinstance(value, bool):
                assert having == [str(value).lower()]


@pytest.mark.parametrize("text", ["meta.line:A-3", "meta.n:2", "meta.n:>1", "order by meta.n",
                                  "sample 2 per meta.line seed 1", "has:meta.ok"])  # fmt: skip
def test_queries_find_the_same_without_taking_apart(world, text, monkeypatch):
    from core.database import writing
    from core.search import find

    viewer, project, _ = world
    answers = []
    for most in (metadata.MOST_TEXTS, 1):
        monkeypatch.setattr(metadata, "MOST_TEXTS", most)
        # A writing session keeps nothing from one question to the next.
        with writing() as session:
            answers.append(find(session, viewer, project, f"{text} limit 70").tolist())
    assert answers[0] == answers[1]
    assert answers[0]
