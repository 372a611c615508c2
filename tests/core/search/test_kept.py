"""What is kept between questions is what the database says now, whatever was changed by whom."""

import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.tables import Box, Embedding, Prediction, Quality
from core.annotations.tables import Annotation
from core.changes import changes_since, latest
from core.changes.tables import Change
from core.curation import add_tag, delete_tag, remove_tag, rename_tag, set_attribute
from core.curation.selections import save_selection
from core.curation.tables import Tag
from core.database import engine, reading, writing
from core.history import undo
from core.media.tables import Image
from core.scores.tables import ImageScore
from core.search import facets, find, parse, warm_up
from core.search.bits import ProjectBits
from core.search.evaluate import found as found_bits
from core.search.kept import Kept
from core.search.memory import project_bits
from core.settings import ROOT
from tests.core.search.oracle import TERMS

ASKED = [text for text, _ in TERMS]
FACETS = ("tag", "pred", "in", "truth", "correct", "fault", "cluster", "meta.line")


def _afresh(world: tuple) -> tuple[list[list[int]], dict]:
    """What a question without any memory finds."""
    viewer, project, _ = world
    with writing() as session:
        bits = ProjectBits(session.connection(), project)
        wanted = [bits.truth(found_bits(bits, parse(text), viewer)) for text in ASKED]
        counted = {field: bits.parts(field) for field in FACETS}
        seen = bits.truth(bits.seen(viewer))
        numbers = {
            field: {
                name: int(seen[parts.owners[parts.starts[at] : parts.starts[at + 1]]].sum())
                for at, name in enumerate(parts.names)
            }
            for field, parts in counted.items()
        }
        present = {
            field: {name: n for name, n in values.items() if n} for field, values in numbers.items()
        }
        return [bits.ids[truth].tolist() for truth in wanted], present


def _kept(world: tuple) -> tuple[list[list[int]], dict]:
    viewer, project, _ = world
    with reading() as session:
        ids = [find(session, viewer, project, text, "id").tolist() for text in ASKED]
        counted = facets(session, viewer, project, "", FACETS)
    return ids, {field: dict(values) for field, values in counted.items()}


def _some(world: tuple, seed: int) -> list[int]:
    ids = [known.image.id for known in world[2]]
    return np.random.default_rng(seed).choice(ids, seed % 9 + 1, replace=False).tolist()


def _rows(make: Callable[[int, int], object]) -> Callable[[tuple, int], None]:
    """A change that writes rows for some images, over those that were there."""

    def change(world: tuple, seed: int) -> None:
        with writing() as session:
            for image_id in _some(world, seed):
                session.merge(make(image_id, seed))

    return change


def _column(**values: Callable[[int], object]) -> Callable[[tuple, int], None]:
    def change(world: tuple, seed: int) -> None:
        made = {name: value(seed) for name, value in values.items()}
        with writing() as session:
            chosen = Image.id.in_(_some(world, seed))
            session.execute(sa.update(Image).where(chosen).values(**made))

    return change


def _new_image(world: tuple, seed: int) -> None:
    """In the project or in another one."""
    first = world[2][0].image
    with writing() as session:
        other = session.exec(
            sa.select(Image.project_id, Image.batch_id).where(Image.project_id != first.project_id)
        ).first()
        owner = (first.project_id, first.batch_id) if seed % 2 else other
        image = Image(
            project_id=owner[0], batch_id=owner[1], name=f"scratch-{seed}.jpg", width=640,
            content_hash=str(datetime.now(UTC)), format="JPEG", height=480, byte_size=9,
        )  # fmt: skip
        session.add(image)
        session.flush()
        session.add(Prediction(image_id=image.id, model_key="own", label="cat", confidence=0.9))


def _gone(world: tuple, seed: int) -> None:
    """An image that is not among those that are known leaves for good."""
    first = world[2][0].image
    with writing() as session:
        known = [each.image.id for each in world[2]]
        extra = session.exec(
            sa.select(Image.id).where(Image.project_id == first.project_id, Image.id.not_in(known))
        ).scalars()
        for image_id in list(extra)[: seed % 2]:
            session.execute(sa.delete(Image).where(Image.id == image_id))


def _undone(world: tuple, seed: int) -> None:
    event = add_tag(world[0], world[1].id, "reviewed", _some(world, seed))
    if event is not None:
        undo(world[0], event.id)


def _renamed(world: tuple, seed: int) -> None:
    with reading() as session:
        query = sa.select(Tag.name).where(Tag.project_id == world[1].id).order_by(Tag.id)
        names = session.exec(query).scalars().all()
    if names:
        rename_tag(world[0], world[1].id, names[seed % len(names)], f"tag {seed}")


def _dropped(world: tuple, seed: int) -> None:
    add_tag(world[0], world[1].id, f"short lived {seed % 2}", _some(world, seed))
    if seed % 3:
        delete_tag(world[0], world[1].id, f"short lived {seed % 2}")


CHANGES: dict[str, Callable[[tuple, int], object]] = {
    "tag": lambda w, n: add_tag(w[0], w[1].id, ["scratch", "line/a", "흠집"][n % 3], _some(w, n)),
    "untag": lambda w, n: (
        add_tag(w[0], w[1].id, "line", [w[2][0].image.id]),
        remove_tag(w[0], w[1].id, "line", _some(w, n)),
    ),
    "undo": _undone,
    "rename": _renamed,
    "delete tag": _dropped,
    "selection": lambda w, n: save_selection(
        w[0], w[1].id, "Mine", _some(w, n), {"kind": "query"}, replace=True
    ),
    "attribute": lambda w, n: set_attribute(
        w[0], w[1].id, ["line", "n", "ok"][n % 3], ["A-3", 2.5, True][n % 3], _some(w, n)
    ),
    "note": _column(note=lambda n: ["", "Look again"][n % 2]),
    "bin": _column(deleted_at=lambda n: [None, datetime.now(UTC)][n % 2]),
    "size": _column(width=lambda n: [640, 5000][n % 2], camera=lambda n: "Basler"),
    "prediction": _rows(
        lambda i, n: Prediction(image_id=i, model_key="own", label="dog", confidence=(n % 10) / 10)
    ),
    "other model": _rows(lambda i, n: Prediction(image_id=i, model_key="other", label=f"{n}")),
    "box": _rows(
        lambda i, n: Box(
            image_id=i,
            model_key="own",
            label="dent",
            confidence=0.9,
            x0=0.0,
            y0=0.0,
            x1=0.5,
            y1=0.5,
        )
    ),
    "quality": _rows(
        lambda i, n: Quality(
            image_id=i,
            phash=0,
            blurry=0.1,
            dark=(n % 10) / 10,
            light=1.0,
            low_contrast=1.0,
            low_information=1.0,
            odd_aspect_ratio=1.0,
            grayscale=n % 2,
        )
    ),
    "score": _rows(lambda i, n: ImageScore(image_id=i, model_key="own", outlier=0.5, cluster=n)),
    "truth": _rows(
        lambda i, n: Annotation(
            image_id=i, label=["cat", "dog"][n % 2], source="hand", updated_by=1
        )
    ),
    "features": _rows(
        lambda i, n: Embedding(
            image_id=i, model_key="own", vector=np.array([n % 2, 1], dtype="<f4").tobytes()
        )
    ),
    "new image": _new_image,
    "image gone": _gone,
}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*CHANGES]), st.integers(0, 50)), min_size=1, max_size=4))
def test_after_any_changes_what_was_kept_says_what_the_database_says(world, changes):
    from core.maps.matrix import forget_rows

    _kept(world)
    for name, seed in changes:
        CHANGES[name](world, seed)
        if name == "features":
            # Whoever replaces vectors says so.
            forget_rows(world[1].id, "own")
        kept, afresh = _kept(world), _afresh(world)
        differing = [t for t, one, two in zip(ASKED, kept[0], afresh[0], strict=True) if one != two]
        assert differing == []
        assert kept[1] == afresh[1]


@pytest.mark.parametrize("name", CHANGES)
def test_each_kind_of_change_is_seen(world, name):
    _kept(world)
    CHANGES[name](world, 7)
    CHANGES[name](world, 8)
    assert _kept(world) == _afresh(world)


def test_another_process_is_heard(world):
    viewer, project, known = world
    _kept(world)
    chosen = [k.image.id for k in known[:3]]
    program = f"""
        from core.accounts.access import local_viewer
        from core.curation import add_tag
        add_tag(local_viewer(), {project.id}, "from elsewhere", {chosen})
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, check=True)
    with reading() as session:
        found = find(session, viewer, project, 'tag:"from elsewhere"', "id").tolist()
    assert found == chosen


def test_only_what_changed_is_read_again(world):
    """The sets of other tags stay, and so does everything when a job reports how far it is."""
    viewer, project, known = world
    _kept(world)
    asked: list[str] = []
    with project_bits(project) as bits:
        bits.parts("tag")
        connection = bits._read._connection

    def heard(_connection, _cursor, statement, *_more):
        asked.append(statement)

    sa.event.listen(connection, "before_cursor_execute", heard)
    try:
        add_tag(viewer, project.id, "scratch", [known[0].image.id, known[1].image.id])
        remove_tag(viewer, project.id, "scratch", [known[0].image.id])
        with reading() as session:
            find(session, viewer, project, "tag:scratch conf:>0.5 meta.line:A-3")
        tagged = [text for text in asked if "image_tag" in text]
        assert len(tagged) == 1
        assert not any("prediction" in text or "attributes" in text for text in asked)
        asked.clear()
        with writing() as session:
            session.execute(sa.text("SELECT 1"))
        with reading() as session:
            find(session, viewer, project, "tag:scratch conf:>0.5")
        assert not any("FROM" in text and "change" not in text for text in asked[2:])
    finally:
        sa.event.remove(connection, "before_cursor_execute", heard)


def test_a_project_is_read_ahead_in_the_background(world, monkeypatch):
    from core.search import warming

    viewer, project, _ = world
    monkeypatch.setattr(warming, "LEAST_IMAGES", 1)
    thread = warm_up(project, viewer)
    assert thread is not None
    thread.join()
    with project_bits(project) as bits:
        assert all(bits._kept.has(("parts", field)) for field in ("tag", "pred", "meta"))
    assert _kept(world) == _afresh(world)


def test_what_is_kept_has_a_size_and_the_least_used_goes_first():
    kept = Kept()
    kept.room = 250
    for name in "abc":
        kept.get(name, lambda: np.zeros(100, dtype=np.uint8))
    assert [kept.has(name) for name in "abc"] == [False, True, True]
    kept.get("b", lambda: np.zeros(100, dtype=np.uint8))
    kept.get("d", lambda: np.zeros(100, dtype=np.uint8))
    assert [kept.has(name) for name in "bcd"] == [True, False, True]


def test_what_is_made_of_others_goes_with_them():
    kept = Kept()
    kept.room = 1_000

    def inner() -> np.ndarray:
        kept.uses({"image.note"})
        return np.zeros(1)

    kept.get("outer", lambda: kept.get("inner", inner) + 1)
    kept.get("other", lambda: np.zeros(1))
    with kept.apart():
        kept.uses({"tag"})
    kept.forget({"image.note"})
    assert [kept.has(name) for name in ("inner", "outer", "other")] == [False, False, True]


def test_an_error_leaves_nothing_half_made(world):
    viewer, project, _ = world
    with pytest.raises(KeyError), reading() as session:
        facets(session, viewer, project, "", ("width",))
    assert _kept(world)[0][0] == _afresh(world)[0][0]


def test_no_change_is_missed_while_many_write_at_once(world):
    ids = [known.image.id for known in world[2]]
    with engine().connect() as connection:
        start = newest = latest(connection)
    seen: list[int] = []

    def write(worker: int) -> None:
        for n in range(15):
            with writing() as session:
                chosen = Image.id == ids[worker]
                session.execute(sa.update(Image).where(chosen).values(note=f"{n}", camera="x"))

    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(write, worker) for worker in range(6)]
        while True:
            done = all(writer.done() for writer in writers)
            with engine().connect() as connection:
                since = changes_since(connection, newest)
            assert not since.all
            seen += [row.id for row in since.rows]
            newest = since.newest
            if done:
                break
    assert [writer.result() for writer in writers] == [None] * 6
    with reading() as session:
        written = session.exec(sa.select(Change.id).where(Change.id > start).order_by(Change.id))
        assert seen == written.scalars().all()
    assert len(seen) == 6 * 15 * 2
