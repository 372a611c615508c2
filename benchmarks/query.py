"""Queries over many images: count and first page, facets, far pages, bulk changes, next image.

Beside it the same queries in DuckDB and in pandas on the same data; all three have to agree.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import psutil

from benchmarks import postgresql
from benchmarks.query_terms import Query, random_queries
from benchmarks.query_world import World, generate, write

_QUERIES = 200
_PAGE = 60
_BULK = 100_000
_EDITS = 50


def run(quick: bool) -> dict[str, object]:
    """Ask 200 random queries of up to five terms over 1,000,000 images; 100,000 in the quick run.

    Returns:
        Of SQLite: `p50_ms` and `p95_ms` of count and first 60 rows, every query asked for the first
        time after the project was read as its pages read it when it is opened, which takes
        `open_s`; `cold_p95_ms` and `cold_max_ms` without that, right after the start of a process;
        `again_p95_ms` asked anew; `after_tag_p95_ms` of fifty of them after a tag was given to ten
        other images before each; `kept_mb` by how much the process grew by all this;
        `facets_p95_ms` of the counts of tags, classes, boxes and batches; `page_1_ms` and
        `page_10000_ms` (or the last page); `bulk_tag_s` and `undo_s` of 100,000 images, and
        `bulk_metadata_s`, `bulk_class_s` with `undo_metadata_s`, `undo_class_s`; `next_ms`;
        `rows`; `engine`. `postgresql` has the same where it is installed, `duckdb` and `pandas`
        their `p50_ms` and `p95_ms` and `ratio`, how many times DATAG's median theirs is.
    """
    world = generate(100_000 if quick else 1_000_000)
    queries = random_queries(_QUERIES, seed=11)
    figures, counts = _measured_on("", world, queries)
    others: dict[str, object] = {}
    if postgresql.programs() is not None:
        with postgresql.server() as url:
            others["postgresql"], same = _measured_on(url, world, queries)
        _agree("PostgreSQL", counts, same)
    for name, ask in (("duckdb", _duckdb(world)), ("pandas", _pandas(world))):
        seconds, same = _timed(ask, queries)
        _agree(name, counts, same)
        median = _median(seconds)
        others[name] = {
            "p50_ms": median,
            "p95_ms": _percentile(seconds, 95),
            "ratio": round(median / float(str(figures["p50_ms"])), 2),
        }
    return {**figures, "rows": len(world.images), **others}


def _measured_on(
    url: str, world: World, queries: list[Query]
) -> tuple[dict[str, object], list[int]]:
    """Figures of one engine, and how many images each query found."""
    from core import database
    from core.accounts.access import local_viewer
    from core.settings import settings

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATAG_DATA_DIR=folder, DATAG_DATABASE_URL=url)
        settings.cache_clear()
        database.engine.cache_clear()
        database.upgrade()
        viewer = local_viewer()
        project_id = write(world, viewer.user_id)
        figures, counts = _asked(viewer, project_id, queries)
        figures.update(_edited(viewer, project_id, world))
        figures["engine"] = database.engine().dialect.name
        database.engine().dispose()
    return figures, counts


def _asked(viewer: Any, project_id: int, queries: list[Query]) -> tuple[dict[str, Any], list[int]]:
    from core.database import reading
    from core.projects.store import load_project
    from core.search import facets, find, neighbour, page, warm_up
    from core.search.memory import forget

    with reading() as session:
        project = load_project(session, viewer, project_id)

        def ask(query: Query) -> int:
            return page(session, viewer, project, query.text, limit=_PAGE).total

        def count_values(query: Query) -> int:
            shown = ("tag", "pred", "box", "batch")
            return len(facets(session, viewer, project, query.text, shown))

        everything = Query("", "true", lambda world: np.ones(len(world.images), dtype=bool))
        cold, _ = _timed(ask, [everything, *queries])
        forget()
        before = psutil.Process().memory_info().rss
        with _clock() as opening:
            thread = warm_up(project, viewer)
            if thread is not None:
                thread.join()
        first, counts = _timed(ask, queries)
        again, _ = _timed(ask, queries)
        grown = psutil.Process().memory_info().rss - before
        count_values(everything)
        counted, _ = _timed(count_values, queries)
        ids = find(session, viewer, project, "")
        far = min(9_999 * _PAGE, len(ids) - _PAGE)
        pages = [_page_ms(page, session, viewer, project, offset) for offset in (0, far)]
        steps = []
        for image_id, wanted in list(pairwise(ids[len(ids) // 2 :].tolist()))[:50]:
            began = time.perf_counter()
            got = neighbour(session, viewer, project, "", "name", image_id, 1)
            steps.append(time.perf_counter() - began)
            if got != wanted:
                raise RuntimeError(f"behind image {image_id} came {got} instead of {wanted}")
        edited = _after_edits(viewer, project_id, ids, ask, queries)
    return {
        "p50_ms": _median(first),
        "p95_ms": _percentile(first, 95),
        "again_p95_ms": _percentile(again, 95),
        "after_tag_p95_ms": _percentile(edited, 95),
        "open_s": round(opening[0], 2),
        "cold_p95_ms": _percentile(cold, 95),
        "cold_max_ms": _percentile(cold, 100),
        "facets_p95_ms": _percentile(counted, 95),
        "page_1_ms": pages[0],
        "page_10000_ms": pages[1],
        "next_ms": _median(steps),
        "kept_mb": round(grown / 1e6),
    }, counts


def _after_edits(
    viewer: Any, project_id: int, ids: Any, ask: Callable[[Query], int], queries: list[Query]
) -> list[float]:
    """Seconds of queries, before each of which ten images got a tag."""
    from core.curation import add_tag

    chance = np.random.default_rng(1)
    seconds = []
    for query in queries[:_EDITS]:
        add_tag(viewer, project_id, "frequent", chance.choice(ids, 10))
        seconds += _timed(ask, [query])[0]
    return seconds


def _page_ms(page: Any, session: Any, viewer: Any, project: Any, offset: int) -> float:
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        page(session, viewer, project, "", limit=_PAGE, offset=offset)
        seconds.append(time.perf_counter() - began)
    return _median(seconds)


def _edited(viewer: Any, project_id: int, world: World) -> dict[str, float]:
    """Seconds of changes of many images at once, each followed by its undo."""
    from core.annotations import set_label
    from core.curation import add_tag, set_attribute
    from core.history import undo

    chosen = world.images["id"].to_numpy()[:_BULK]
    changes: dict[str, tuple[str, Callable[[], Any]]] = {
        "bulk_tag_s": ("undo_s", lambda: add_tag(viewer, project_id, "bulk", chosen)),
        "bulk_metadata_s": (
            "undo_metadata_s",
            lambda: set_attribute(viewer, project_id, "line", "B-1", chosen),
        ),
        "bulk_class_s": ("undo_class_s", lambda: set_label(viewer, project_id, "cat", chosen)),
    }
    figures: dict[str, float] = {}
    for name, (undone, change) in changes.items():
        with _clock() as changing:
            event = change()
        if event is None or event.image_count != len(chosen):
            raise RuntimeError(f"{name}: the change did not reach every image")
        with _clock() as undoing:
            undo(viewer, event.id or 0)
        figures |= {name: round(changing[0], 2), undone: round(undoing[0], 2)}
    return figures


@contextmanager
def _clock() -> Iterator[list[float]]:
    seconds: list[float] = []
    began = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - began)


def _duckdb(world: World) -> Callable[[Query], int]:
    import duckdb

    connection = duckdb.connect()
    for name, frame in (("images", world.images), ("boxes", world.boxes)):
        connection.register("frame", frame)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")

    def ask(query: Query) -> int:
        found = f"FROM images WHERE {query.sql}"
        connection.execute(f"SELECT id {found} ORDER BY name, id LIMIT {_PAGE}").fetchall()
        row = connection.execute(f"SELECT count(*) {found}").fetchone()
        return int(row[0]) if row else 0

    return ask


def _pandas(world: World) -> Callable[[Query], int]:
    by_name = world.images.sort_values(["name", "id"]).index.to_numpy()

    def ask(query: Query) -> int:
        mask = query.mask(world)
        world.images["id"].to_numpy()[by_name[mask[by_name]][:_PAGE]]
        return int(mask.sum())

    return ask


def _timed(ask: Callable[[Query], int], queries: list[Query]) -> tuple[list[float], list[int]]:
    seconds, answers = [], []
    for query in queries:
        began = time.perf_counter()
        answers.append(ask(query))
        seconds.append(time.perf_counter() - began)
    return seconds, answers


def _agree(name: str, counts: list[int], same: list[int]) -> None:
    if counts != same:
        differing = sum(one != other for one, other in zip(counts, same, strict=True))
        raise RuntimeError(f"{name} counts other images in {differing} of {len(counts)} queries")


def _median(seconds: list[float]) -> float:
    return _percentile(seconds, 50)


def _percentile(seconds: list[float], share: int) -> float:
    return round(float(np.percentile(seconds, share)) * 1000, 2)
