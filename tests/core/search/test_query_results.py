"""What queries find, against plain Python over everything that is known of the images."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.curation import add_tag
from core.database import now, reading, writing
from core.history import undo
from core.media.tables import Image
from core.search import FieldType, QueryError, facets, fields, find, neighbour, page, parse, values
from core.search.ast import terms
from tests.core.search.conftest import found
from tests.core.search.oracle import TERMS


@pytest.mark.parametrize(("text", "holds"), TERMS, ids=[text for text, _ in TERMS])
def test_a_term_and_its_complement(world, text, holds):
    everything = {k.image.id for k in world[2]}
    wanted = {k.image.id for k in world[2] if holds(k)}
    assert found(world, text) == wanted
    assert found(world, f"NOT {text}") == everything - wanted


def test_most_terms_of_the_oracle_are_neither_empty_nor_everything(world):
    telling = [t for t, holds in TERMS if 0 < sum(map(holds, world[2])) < len(world[2])]
    assert len(telling) > 0.85 * len(TERMS)


def combined() -> st.SearchStrategy:
    """Query texts, each with its question in Python."""

    def join(parts: list) -> st.SearchStrategy:
        texts, tests = zip(*parts, strict=True)
        # Without brackets, `conf` right behind a `box` would speak of that box.
        bracketed = [f"({text})" for text in texts]
        return st.sampled_from([
            (f"({' AND '.join(texts)})", lambda k: all(test(k) for test in tests)),
            (f"({' '.join(bracketed)})", lambda k: all(test(k) for test in tests)),
            (f"({' or '.join(texts)})", lambda k: any(test(k) for test in tests)),
            (f"({' | '.join(texts)})", lambda k: any(test(k) for test in tests)),
            (f"not {texts[0]}", lambda k: not tests[0](k)),
            (f"-{texts[0]}", lambda k: not tests[0](k)),
        ])  # fmt: skip

    def more(inner: st.SearchStrategy) -> st.SearchStrategy:
        return st.lists(inner, min_size=1, max_size=4).flatmap(join)

    return st.recursive(st.sampled_from(TERMS), more, max_leaves=25)


@settings(max_examples=150, deadline=None)
@given(combined())
def test_any_combination_finds_what_plain_python_finds(world, query):
    text, holds = query
    assert found(world, text) == {k.image.id for k in world[2] if holds(k)}


PIECES = st.sampled_from(
    ["id:", "conf:", "date:", "uploaded:", "meta.x:", "has:", "in:", "bytes:", ">", "<=", "..", "(",
     ")", ",", "-", " or ", " ", '"', "9" * 18, "0", "1000", "9998-12-31", ".5", "%", "GiB", "é",
     "*", "?", "[", "]", "^", "\\", "'", "tag", "true", "similar:", "#1", "#", "correct:", "yes",
     "fault:", "blur", "differs:", "own", "note:", "truth:", "cluster:", "outlier:", "box:dent",
     " count:", " order by ", " limit ", " sample ", " per ", " seed ", " desc"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_every_text_gives_a_result_or_a_query_error(world, text):
    with contextlib.suppress(QueryError):
        found(world, text)


HOSTILE = [
    "x'; DROP TABLE image; --", "x' OR '1'='1", "'); DELETE FROM image_tag; --", "%' OR 1=1 --",
    "\\'; SELECT pg_sleep(9); --", "*' UNION SELECT 1 --", "{x}", "%s", "%(id)s", ":id", "?1", "$1",
    "<script>alert(1)</script>", "${7*7}", "../../etc/passwd", "\u202egnp.exe",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_code_is_looked_for_and_does_nothing(world, text):
    viewer, project, known = world
    everything = {k.image.id for k in known}
    image = known[0].image
    event = add_tag(viewer, project.id, text.replace("\u202e", ""), [image.id])
    with writing() as session:
        session.get_one(Image, image.id).name = text
        session.get_one(Image, image.id).note = text
    written = text.replace("\\", "\\\\")
    quoted = f'"{written}"'
    try:
        if text.isprintable():
            assert found(world, f"tag:{quoted} name:{quoted} note:{quoted}") >= {image.id}
            assert image.id in found(world, f"similar:{quoted}>0 or name:{quoted} {quoted}")
        for field in fields():
            name = f'meta."{written}"' if field.type is FieldType.ATTRIBUTE else field.name
            for term in (f"{name}:{quoted}", f"NOT {name}:({quoted}, b)", f"{name}:>{quoted}",
                         f"order by {name}:{quoted}", f"has:{quoted}", f"sample 1 per {quoted}",
                         f"{written}:a"):  # fmt: skip
                with contextlib.suppress(QueryError):
                    assert found(world, term) <= everything
        assert found(world, "") == everything
    finally:
        with writing() as session:
            session.get_one(Image, image.id).name = image.name
            session.get_one(Image, image.id).note = image.note
        undo(viewer, event.id)


@pytest.mark.parametrize("text", ["uploaded:1000", "date:>9998-12-31", "bytes:<9000000TB"])
def test_the_ends_of_the_scales_run(world, text):
    found(world, text)


def test_what_the_bits_say_is_what_the_condition_says(world):
    """Kept sets of bits on one side, the database asked within a writing session on the other."""
    viewer, project, _known = world
    for text, _ in TERMS:
        with writing() as session:
            asked = find(session, viewer, project, text)
        with reading() as session:
            assert find(session, viewer, project, text).tolist() == asked.tolist()


def test_what_was_kept_is_forgotten_when_the_data_change(world):
    viewer, project, known = world
    chosen = [k.image.id for k in known][:7]
    before = found(world, "tag:scratch")
    event = add_tag(viewer, project.id, "scratch", chosen)
    assert found(world, "tag:scratch") == before | set(chosen)
    undo(viewer, event.id)
    assert found(world, "tag:scratch") == before


def test_facets_count_what_the_query_and_the_value_find_together(world):
    viewer, project, _known = world
    with reading() as session:
        counted = facets(session, viewer, project, "conf:>0.3 OR tag:line")
    assert counted["tag"] and counted["pred"] and counted["by"]
    for field, choices in counted.items():
        for value, number in choices:
            if field in ("tag", "truth"):
                continue  # a query for a tag also finds what is below it, one for a class any case
            assert len(found(world, f'(conf:>0.3 OR tag:line) {field}:"{value}"')) == number


def test_the_neighbour_of_an_image(world):
    viewer, project, _known = world
    with reading() as session:
        ids = find(session, viewer, project, "has:tag", "-bytes").tolist()
        after = [neighbour(session, viewer, project, "has:tag", "-bytes", i, 1) for i in ids]
        before = neighbour(session, viewer, project, "has:tag", "-bytes", ids[0], -1)
        absent = neighbour(session, viewer, project, "no:tag", "-bytes", ids[0], 1)
    assert after == [*ids[1:], None]
    assert (before, absent) == (None, None)


def test_a_page_is_a_part_of_the_whole(world):
    viewer, project, _known = world
    with reading() as session:
        ids = find(session, viewer, project, "has:tag").tolist()
        part = page(session, viewer, project, "has:tag", limit=5, offset=10)
    assert part.ids.tolist() == ids[10:15]
    assert part.total == len(ids)


def test_days_up_to_now(world):
    image = world[2][0].image
    with writing() as session:
        before = session.get_one(Image, image.id).uploaded_at
        session.get_one(Image, image.id).uploaded_at = now()
    try:
        for text in ("uploaded:today", "uploaded:last 7 days", "uploaded:>=yesterday"):
            assert found(world, text) == {image.id}
        assert found(world, "uploaded:yesterday") == set()
    finally:
        with writing() as session:
            session.get_one(Image, image.id).uploaded_at = before


def test_ten_thousand_brackets_are_refused_not_a_crash(world):
    for text in ("(" * 10_000, "(" * 4_999 + "a" + ")" * 4_999, "-" * 9_999 + "a"):
        with pytest.raises(QueryError):
            found(world, text)


def test_and_binds_closer_than_or(world):
    assert found(world, "tag:scratch or tag:reviewed pred:cat") == found(
        world, "tag:scratch OR (tag:reviewed AND pred:cat)"
    )


def test_a_query_of_almost_200_levels_runs(world):
    everything = {k.image.id for k in world[2]}
    tagged = {k.image.id for k in world[2] if k.tags}
    steps = [(text, {k.image.id for k in world[2] if holds(k)}) for text, holds in TERMS]
    text, wanted = "id:>9", {i for i in everything if i > 9}
    for level in range(39):
        # Five levels in each round: NOT, OR, AND, NOT, OR.
        outer, outer_ids = steps[level * 7 % len(steps)]
        text = f"-({outer} or (has:tag -((id:>2 {outer}) or {text})))"
        inner = {i for i in outer_ids if i > 2} | wanted
        wanted = everything - (outer_ids | (tagged & (everything - inner)))
    assert max(depth for _, depth in terms(parse(text))) > 190
    assert found(world, text) == wanted


def test_the_longest_chains_run(world):
    assert found(world, " or ".join(["tag:scratch"] * 500)) == found(world, "tag:scratch")
    assert found(world, f"id:({', '.join(map(str, range(1, 501)))})") == found(world, "")


def test_no_query_finds_images_of_another_or_a_deleted_project(world):
    _viewer, project, known = world
    assert found(world, "") == {k.image.id for k in known}
    with writing() as session:
        gone = session.merge(project)
        gone.deleted_at = known[0].image.uploaded_at
    try:
        assert found(world, "") == set()
    finally:
        with writing() as session:
            session.merge(project).deleted_at = None


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("name", lambda k: k.image.name.encode()),
        ("bytes", lambda k: k.image.byte_size),
        ("uploaded", lambda k: k.image.uploaded_at),
        ("id", lambda k: k.image.id),
    ],
)
def test_results_are_ordered_with_ties_by_id(world, order, key):
    viewer, project, known = world
    with reading() as session:
        up = find(session, viewer, project, "", order).tolist()
        down = find(session, viewer, project, "", f"-{order}").tolist()
        page = find(session, viewer, project, "", order, limit=10, offset=5).tolist()
    assert up == [k.image.id for k in sorted(known, key=lambda k: (key(k), k.image.id))]
    by_id = sorted(known, key=lambda k: k.image.id)
    assert down == [k.image.id for k in sorted(by_id, key=key, reverse=True)]
    assert page == up[5:15]


def test_images_without_a_confidence_come_last_both_ways(world):
    viewer, project, known = world
    confidence = {k.image.id: k.prediction[1] if k.prediction else None for k in known}
    with reading() as session:
        for order, sign in (("confidence", 1), ("-confidence", -1)):
            ids = find(session, viewer, project, "", order).tolist()
            missing = [confidence[i] is None for i in ids]
            assert missing == sorted(missing)
            present = [sign * confidence[i] for i in ids if confidence[i] is not None]
            assert present == sorted(present)
            assert len(ids) == len(known)


def test_an_unknown_order_is_refused(world):
    with reading() as session, pytest.raises(ValueError, match="unknown order"):
        find(session, world[0], world[1], "", "colour")


@pytest.mark.parametrize(
    "field",
    ["tag", "pred", "model", "box", "batch", "by", "in", "camera", "format", "correct", "differs",
     "fault", "cluster", "duplicate"],
)  # fmt: skip
def test_values_count_what_a_query_for_each_finds(world, field):
    viewer, project, _known = world
    with reading() as session:
        choices = values(session, viewer, project, field)
    assert choices
    assert [n for _, n in choices] == sorted((n for _, n in choices), reverse=True)
    for value, number in choices:
        inside = f"{value.lower()}/" if field == "tag" else None
        below = [n for name, n in choices if inside and name.lower().startswith(inside)]
        assert number <= len(found(world, f'{field}:"{value}"')) <= number + sum(below)
