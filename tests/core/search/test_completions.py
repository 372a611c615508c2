"""What is offered while a query is typed."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.analysis.tables import Prediction
from core.curation import add_tag, set_attribute
from core.database import reading, writing
from core.search import QueryError, attributes, complete, complete_tags, facets, parse
from tests.core.curation.conftest import Stage, stage  # noqa: F401


@pytest.fixture
def known(stage: Stage) -> Stage:  # noqa: F811
    """Tags of several sizes, two classes, metadata."""
    for name, n in (("scratch", 5), ("deep scratch", 2), ("흠집", 3), ("reviewed", 9)):
        add_tag(stage.viewer, stage.id, name, stage.images[:n])
    with writing() as session:
        for n, image_id in enumerate(stage.images):
            label = "cat" if n < 6 else "steel drum"
            session.add(Prediction(image_id=image_id, model_key="m", label=label, confidence=0.5))
    set_attribute(stage.viewer, stage.id, "line", "A 3", stage.images[:4])
    set_attribute(stage.viewer, stage.id, "n", 2.5, stage.images[:3])
    set_attribute(stage.viewer, stage.id, "line 2", True, stage.images[:2])
    return stage


def offered(stage: Stage, text: str, cursor: int | None = None) -> list[tuple[str, int | None]]:  # noqa: F811
    with reading() as session:
        at = len(text) if cursor is None else cursor
        found = complete(session, stage.viewer, stage.project, text, at)
    return [(text[: each.start] + each.text + text[each.end :], each.count) for each in found]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ta", [("tag:", None)]),
        ("tag:s", [("tag:scratch", 5), ('tag:"deep scratch"', 2)]),
        ("a AND -(tag:흐", [("a AND -(tag:흠집", 3)]),  # the first letters of a syllable
        ('tag:"de', [('tag:"deep scratch"', 2)]),
        ("pred:(cat, s", [('pred:(cat, "steel drum"', 4)]),
        ("PREDICTION:c", [("PREDICTION:cat", 6)]),
        ("meta.line:", [('meta.line:"A 3"', 4)]),
        ("meta.n:", [("meta.n:2.5", 3)]),
        ('meta."line 2":t', [('meta."line 2":true', 2)]),
        ("meta.l", [("meta.line:", None), ('meta."line 2":', None)]),
        ("has:me", [("has:meta", None), ("has:meta.line", None)]),
        ("date:la", [("date:last 7 days", None)]),
        ("scr", [("tag:scratch", 5), ('tag:"deep scratch"', 2)]),
        ("tag:x ", [("tag:x AND", None), ("tag:x OR", None)]),
        ("tag:x o", [("tag:x OR", None)]),
        ("tag:x AND n", [("tag:x AND name:", None), ("tag:x AND note:", None)]),
        ("fault:b", [("fault:blur", 0), ("fault:bright", 0)]),
        ("correct:", [("correct:no", 0), ("correct:yes", 0)]),
        ("outl", [("outlier:", None)]),
        ("has:label", [("has:label_error", None)]),
    ],
)
def test_what_was_begun_is_completed(
    known: Stage, text: str, first: list[tuple[str, int | None]]
) -> None:
    assert offered(known, text)[: len(first)] == first


def test_nothing_is_offered_twice_or_inside_other_text(known: Stage) -> None:
    everything = offered(known, "")
    assert len(set(everything)) == len(everything)
    assert {"tag:", "meta.line:", "NOT"} <= {text for text, _ in everything}
    assert "AND" not in {text for text, _ in everything}
    assert offered(known, 'name:a "tag:s') == []
    assert offered(known, "conf:>0.") == []
    assert offered(known, "nothing:s") == []


def test_the_rest_of_a_value_is_replaced_too(known: Stage) -> None:
    assert offered(known, "tag:scXYZ AND pred:cat", 6)[0] == ("tag:scratch AND pred:cat", 5)
    assert offered(known, 'tag:"deep sc" AND pred:cat', 8)[0] == (
        'tag:"deep scratch" AND pred:cat', 2,
    )  # fmt: skip


def test_decomposed_syllables_are_completed(known: Stage) -> None:
    text = unicodedata.normalize("NFD", "tag:흠")
    assert offered(known, text) == [("tag:흠집", 3)]


PIECES = ["tag:", "pred:(", '"', "\\", "(", ")", " ", ",", "sc", "흠", "AND", "🦊", "meta."]
PIECES += ['meta."', "-", ":", ">", "has:"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(PIECES), max_size=8),
    st.integers(0, 30),
)
def test_any_text_gives_completions_within_it(known: Stage, pieces: list[str], cursor: int) -> None:
    text = "".join(pieces)
    at = min(cursor, len(text))
    with reading() as session:
        found = complete(session, known.viewer, known.project, text, at)
        found += complete_tags(session, known.viewer, known.project, text, at)
    assert all(0 <= each.start <= each.end <= len(text) for each in found)


def test_a_completed_value_is_understood(known: Stage) -> None:
    for begun in ("tag:", "pred:", "meta.line:", "meta.n:", "has:", "date:", "format:"):
        for text, _ in offered(known, begun):
            try:
                parse(text)
            except QueryError as error:
                pytest.fail(f"{text}: {error}")


def test_metadata_is_counted_within_a_query(known: Stage) -> None:
    with reading() as session:
        names = attributes(session, known.viewer, known.project, "tag:흠집")
        found = facets(session, known.viewer, known.project, "tag:흠집", ("meta.line", "meta.n"))
    assert names == [("line", 3), ("n", 3), ("line 2", 2)]
    assert found == {"meta.line": [("A 3", 3)], "meta.n": [("2.5", 3)]}


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("", ["reviewed", "scratch", "흠집", '"deep scratch"', "NOT"]),
        ("sc", ["scratch", '"deep scratch"']),
        ('reviewed AND (NOT "deep', ['reviewed AND (NOT "deep scratch"']),
        ("scratch ", ["scratch AND", "scratch OR", "scratch NOT"]),
        ("scratch OR 흐", ["scratch OR 흠집"]),
        ("no", ["NOT"]),
    ],
)
def test_tags_alone_are_completed(known: Stage, text: str, completed: list[str]) -> None:
    with reading() as session:
        found = complete_tags(session, known.viewer, known.project, text, len(text))
    assert [text[: each.start] + each.text + text[each.end :] for each in found] == completed
