"""Order, samples and limits, against plain Python over everything that is known of the images."""

import contextlib
import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.database import reading, writing
from core.search import (
    FieldType,
    QueryError,
    count,
    facets,
    fields,
    find,
    neighbour,
    page,
    parse_query,
)
from core.search.clauses import has_values, is_ordered
from core.search.measures import MEASURES
from core.search.saved import delete_query, save_query
from tests.core.search.oracle import TERMS, correct, cosine, differs, faults, odd_size, truths
from tests.core.search.world import Known


def _known(world: tuple, text: str, order: str = "name") -> list[int]:
    viewer, project, _ = world
    with reading() as session:
        return find(session, viewer, project, text, order).tolist()


def _moment(known: Known) -> float:
    taken = known.image.captured_at
    moment = known.image.uploaded_at if taken is None else taken.replace(tzinfo=UTC)
    return moment.timestamp()


def _letters(word: str | None) -> tuple[str, str] | None:
    return None if word is None else (word.casefold(), word)


def _attribute(name: str) -> Callable[[Known], Any]:
    def value(known: Known) -> Any:
        held = known.image.attributes.get(name)
        if held is None:
            return None
        if isinstance(held, bool):
            return (1, str(held).lower())
        return (1, held.casefold()) if isinstance(held, str) else (0, held)

    return value


#: By what each field orders; None stands behind all others.
KEYS: dict[str, Callable[[Known], Any]] = {
    "name": lambda k: k.image.name.encode(),
    "pred": lambda k: _letters(k.prediction[0] if k.prediction else None),
    "conf": lambda k: k.prediction[1] if k.prediction else None,
    "count": lambda k: len(k.measured),
    "area": lambda k: max((area for _, _, area in k.measured), default=None),
    "date": _moment,
    "uploaded": lambda k: k.image.uploaded_at,
    "by": lambda k: "",
    "batch": lambda k: _letters(k.batch.name),
    "bytes": lambda k: k.image.byte_size,
    "width": lambda k: k.image.width,
    "height": lambda k: k.image.height,
    "ratio": lambda k: k.image.width / k.image.height,
    "camera": lambda k: _letters(k.image.camera),
    "format": lambda k: _letters(k.image.format),
    "id": lambda k: k.image.id,
    "meta.n": _attribute("n"),
    "meta.ok": _attribute("ok"),
    'meta."라인 1"': _attribute("라인 1"),
    "exif.iso": lambda k: k.image.exif.get("ISOSpeedRatings"),
    "odd_size": odd_size,
    "similar:#3": lambda k: cosine(k, 3),
    'similar:"École.png"': lambda k: cosine(
        k, min(each.image.id for each in k.world if each.image.name == "École.png")
    ),
    **{name: (lambda k, name=name: k.measures.get(name)) for name in MEASURES},
}

#: Which values of a field an image has.
VALUES: dict[str, Callable[[Known], set[str]]] = {
    "tag": lambda k: k.tags,
    "pred": lambda k: {k.prediction[0]} - {None} if k.prediction else set(),
    "box": lambda k: k.boxes,
    "model": lambda k: (
        {"own"} & {"own" if k.prediction else ""} | {"other"} & {"other" if k.other_model else ""}
    ),
    "by": lambda k: {"Local user"},
    "batch": lambda k: {k.batch.name},
    "in": lambda k: {"Mine"} if k.selected else set(),
    "camera": lambda k: {k.image.camera} - {None},
    "format": lambda k: {k.image.format},
    "meta.line": lambda k: {k.image.attributes["line"]} if "line" in k.image.attributes else set(),
    "exif.software": lambda k: {"v2"} if "Software" in k.image.exif else set(),
    "truth": truths,
    "correct": lambda k: {correct(k)} - {None},
    "differs": lambda k: {"other"} if differs(k) else set(),
    "fault": faults,
    "cluster": lambda k: {str(k.measures["cluster"])} if "cluster" in k.measures else set(),
    "duplicate": lambda k: {str(k.measures["duplicate"])} if "duplicate" in k.measures else set(),
}


def _first_word(values: Callable[[Known], set[str]]) -> Callable[[Known], Any]:
    return lambda k: min(map(_letters, values(k)), default=None)


# By several words an image stands where the first of them does.
KEYS |= {
    name: _first_word(VALUES[name])
    for name in ("tag", "box", "model", "in", "truth", "correct", "differs", "fault")
}


def chance(image_id: int, seed: int) -> int:
    """SplitMix64 in plain integers."""

    def mixed(number: int) -> int:
        number = (number + 0x9E3779B97F4A7C15) % 2**64
        number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        number = (number ^ number >> 27) * 0x94D049BB133111EB % 2**64
        return number ^ number >> 31

    return mixed(image_id ^ mixed(seed))


def _ordered(images: list[Known], keys: list[tuple[str, bool, int]]) -> list[Known]:
    images = sorted(images, key=lambda k: k.image.id)
    for name, descending, seed in reversed(keys):
        if name == "random":
            images.sort(key=lambda k, seed=seed: chance(k.image.id, seed))
            continue
        value = KEYS[name]
        present = [k for k in images if value(k) is not None]
        missing = [k for k in images if value(k) is None]
        images = sorted(present, key=value, reverse=descending) + missing
    return images


def _sampled(images: list[Known], size: int, per: str, seed: int) -> list[Known]:
    drawn = sorted(images, key=lambda k: (chance(k.image.id, seed), k.image.id))
    if not per:
        return drawn[:size]
    having = VALUES[per]
    taken: dict[int, Known] = {}
    for value in {value for k in images for value in having(k)}:
        for known in [k for k in drawn if value in having(k)][:size]:
            taken[known.image.id] = known
    return list(taken.values())


def test_every_field_that_orders_or_has_values_is_known_here():
    named = {field.name: field for field in fields()}
    attributes = {name for name, field in named.items() if field.type is FieldType.ATTRIBUTE}
    assert {re.split("[.:]", name)[0] for name in KEYS} == {
        name for name, field in named.items() if is_ordered(field)
    }
    assert {name.partition(".")[0] for name in VALUES} == {
        name for name, field in named.items() if has_values(field)
    }
    assert attributes == {"meta", "exif"}


@pytest.mark.parametrize("name", [*KEYS])
def test_each_field_orders_with_ties_by_id_and_what_is_missing_last(world, name):
    known = world[2]
    for written, descending in ((name, False), (f"{name} asc", False), (f"-{name}", True),
                                (f"{name} desc", True)):  # fmt: skip
        expected = [k.image.id for k in _ordered(known, [(name, descending, 0)])]
        assert _known(world, f"order by {written}") == expected


@pytest.mark.parametrize("name", [*VALUES])
def test_a_sample_of_each_value_has_so_many_of_each(world, name):
    known = world[2]
    for size, seed in ((1, 0), (3, 5), (1000, 1)):
        expected = {k.image.id for k in _sampled(known, size, name, seed)}
        assert set(_known(world, f"sample {size} per {name} seed {seed}")) == expected


ORDERED = st.lists(
    st.tuples(st.sampled_from([*KEYS, "random"]), st.booleans(), st.integers(0, 2**32 - 1)),
    max_size=3,
)
SAMPLES = st.none() | st.tuples(
    st.integers(1, 90), st.sampled_from(["", *VALUES]), st.integers(0, 2**32 - 1)
)
LIMITS = st.none() | st.integers(1, 90)


def _key_text(key: tuple[str, bool, int]) -> str:
    name, descending, seed = key
    return f"random seed {seed}" if name == "random" else name + (" desc" if descending else "")


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([("", lambda k: True), *TERMS]), SAMPLES, ORDERED, LIMITS)
def test_any_order_sample_and_limit_give_what_plain_python_gives(world, term, drawn, keys, most):
    viewer, project, known = world
    text, holds = term
    images = [k for k in known if holds(k)]
    if drawn:
        size, per, seed = drawn
        text += f" sample {size}{f' per {per}' if per else ''} seed {seed}"
        images = _sampled(images, size, per, seed)
    if keys:
        text += f" order by {', '.join(map(_key_text, keys))}"
    if most:
        text += f" limit {most}"
    expected = [k.image.id for k in _ordered(images, keys or [("name", False, 0)])][:most]
    assert _known(world, text) == expected
    with writing() as session:
        assert find(session, viewer, project, text).tolist() == expected
    with reading() as session:
        assert count(session, viewer, project, text) == len(expected)
        part = page(session, viewer, project, text, limit=7, offset=3)
        assert (part.ids.tolist(), part.total) == (expected[3:10], len(expected))
        formats = facets(session, viewer, project, text, ("format",))["format"]
        for at in {0, len(expected) // 2, len(expected) - 1} if expected else ():
            for step in (1, -1, 2):
                to = at + step
                there = expected[to] if 0 <= to < len(expected) else None
                assert neighbour(session, viewer, project, text, "id", expected[at], step) == (
                    there if keys else _by_id(expected, expected[at], step)
                )
    of = {k.image.id: k.image.format for k in known}
    assert dict(formats) == {
        name: number for name in ("JPEG", "PNG")
        if (number := sum(of[i] == name for i in expected))
    }  # fmt: skip


def _by_id(ids: list[int], image_id: int, step: int) -> int | None:
    ids = sorted(ids)
    to = ids.index(image_id) + step
    return ids[to] if 0 <= to < len(ids) else None


def test_a_query_that_has_an_order_keeps_it_whatever_the_view_says(world):
    assert _known(world, "order by -bytes, name", "id") == _known(world, "order by -bytes, name")
    taken = _known(world, "limit 9", "-bytes")
    assert set(taken) == set(_known(world, "")[:9])
    assert taken == [i for i in _known(world, "", "-bytes") if i in taken]


def test_a_smaller_sample_lies_within_a_larger_one_and_seeds_differ(world):
    assert set(_known(world, "sample 10 seed 3")) < set(_known(world, "sample 20 seed 3"))
    samples = {tuple(_known(world, f"sample 10 seed {seed}")) for seed in range(20)}
    assert len(samples) == 20
    orders = {tuple(_known(world, f"order by random seed {seed}")) for seed in range(20)}
    assert len(orders) == 20


def test_chance_is_even():
    from core.search.ordering import chances

    numbers = chances(np.arange(1, 100_001), seed=1) / 2.0**64
    for share in (0.01, 0.1, 0.5, 0.9):
        assert abs((numbers < share).mean() - share) < 0.005
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.02
    assert len(np.unique(numbers)) > 99_000


def test_a_saved_query_stands_for_what_its_sample_and_limit_take(world):
    viewer, project, _ = world
    saved = []
    for name, text in (("Few", "width:640 order by -bytes limit 5"), ("Drawn", "sample 8 seed 2"),
                       ("Both", "in:few OR in:drawn")):  # fmt: skip
        saved.append(save_query(viewer, project.id, name, text))
    try:
        few = set(_known(world, "width:640 order by -bytes limit 5"))
        drawn = set(_known(world, "sample 8 seed 2"))
        everything = set(_known(world, ""))
        assert len(few) == 5
        assert set(_known(world, "in:few")) == few
        assert set(_known(world, "NOT in:few")) == everything - few
        assert set(_known(world, "in:both")) == few | drawn
        assert set(_known(world, "in:both -in:few tag:line")) <= drawn - few
        assert set(_known(world, "in:(few, drawn) limit 3")) <= few | drawn
        with writing() as session:
            assert set(find(session, viewer, project, "in:both").tolist()) == few | drawn
    finally:
        for each in saved:
            delete_query(viewer, each.id)


CLAUSES = st.sampled_from(
    ["tag:line", "order by ", "limit ", "sample ", "per ", "seed ", "desc ", ", ", "name ", "-",
     "meta.n ", 'meta."' , '"; DROP TABLE image; --" ', "random ", "1 ", "2147483648 ", "in:mine ",
     "(", ") ", "pred ", "meta.x'); -- "]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(CLAUSES, max_size=9).map("".join))
def test_any_text_with_clauses_is_a_result_or_a_query_error(world, text):
    with contextlib.suppress(QueryError):
        parse_query(text)
        _known(world, text)
