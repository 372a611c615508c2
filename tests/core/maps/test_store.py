import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlmodel import select

from core.accounts.access import Viewer
from core.analysis.tables import Embedding
from core.database import now, reading, writing
from core.errors import NotFound, UserError
from core.history import events
from core.jobs.context import Cancelled
from core.maps import (
    add_map,
    compute_map,
    delete_map,
    load_map,
    maps,
    rename_map,
)
from core.maps.tables import Map, MapData
from core.media.tables import Image
from core.projects.tables import Project
from tests.core.maps.conftest import MODEL, AnalysedProject, add_images


def quietly(_stage: str, _done: int, _total: int | None) -> None:
    return


def never() -> bool:
    return False


def make(viewer: Viewer, analysed: AnalysedProject, method: str = "pca", **changes: object) -> Map:
    wanted = {
        "image_ids": analysed.image_ids,
        "source": {"kind": "query", "query": "tag:scratch"},
        "dimensions": 3,
        "params": {},
        **changes,
    }
    with writing() as session:
        return add_map(session, viewer, analysed.id, method=method, job_id="job", **wanted)  # type: ignore[arg-type]


def finished(viewer: Viewer, analysed: AnalysedProject, **changes: object) -> int:
    made = make(viewer, analysed, **changes)  # type: ignore[arg-type]
    assert made.id is not None
    compute_map(made.id, quietly, never)
    return made.id


@pytest.mark.parametrize("method", ["pca", "umap", "tsne"])
def test_a_map_opens_as_it_was_made(viewer: Viewer, analysed: AnalysedProject, method: str) -> None:
    map_id = finished(viewer, analysed, method=method, dimensions=2, seed=5, name="  Line 3 ")
    with reading() as session:
        loaded = load_map(session, viewer, map_id)
    assert loaded.map.name == "Line 3"
    assert (loaded.map.method, loaded.map.dimensions, loaded.map.seed) == (method, 2, 5)
    assert loaded.map.source == {"kind": "query", "query": "tag:scratch", "left_out": 0}
    assert loaded.map.image_count == 31
    assert loaded.map.job_id == "job"
    assert loaded.map.finished_at is not None
    np.testing.assert_array_equal(loaded.image_ids, analysed.image_ids)
    assert loaded.coordinates.shape == (31, 2)
    assert loaded.coordinates.dtype == loaded.outlier_scores.dtype == np.float32
    assert loaded.outlier_scores.argmax() == 30, "the image unlike all others"


def test_the_same_images_in_any_order_give_the_same_map(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    shuffled = np.random.default_rng(0).permutation(analysed.image_ids)
    ids = [
        finished(viewer, analysed, method="umap"),
        finished(viewer, analysed, method="umap", image_ids=[*shuffled, *shuffled[:5]]),
    ]
    with reading() as session:
        first, second = (load_map(session, viewer, map_id) for map_id in ids)
    np.testing.assert_array_equal(first.image_ids, second.image_ids)
    np.testing.assert_array_equal(first.coordinates, second.coordinates)


def test_images_without_features_are_left_out_and_counted(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    with writing() as session:
        without = analysed.image_ids[[2, 5]].tolist()
        session.execute(sa.delete(Embedding).where(sa.column("image_id").in_(without)))
    made = make(viewer, analysed, image_ids=[*analysed.image_ids, 10**9])
    assert made.image_count == 29
    assert made.source["left_out"] == 3
    assert made.finished_at is None


def test_images_of_another_project_are_left_out(viewer: Viewer, analysed: AnalysedProject) -> None:
    with writing() as session:
        other = Project(name="Other", model_key=MODEL, created_by=viewer.user_id)
        session.add(other)
        session.flush()
    assert other.id is not None
    foreign = add_images(viewer, other.id, analysed.features)
    made = make(viewer, analysed, image_ids=[*analysed.image_ids, *foreign])
    assert (made.image_count, made.source["left_out"]) == (31, 31)
    with pytest.raises(UserError) as caught:
        make(viewer, analysed, image_ids=foreign)
    assert caught.value.key == "maps.too_few_analysed"


def test_ten_images_are_enough_and_nine_are_not(viewer: Viewer, analysed: AnalysedProject) -> None:
    finished(viewer, analysed, method="tsne", image_ids=analysed.image_ids[:10])
    with pytest.raises(UserError) as caught:
        make(viewer, analysed, image_ids=analysed.image_ids[:9])
    assert (caught.value.key, caught.value.params) == ("maps.too_few", {"n": 9})
    with pytest.raises(UserError) as caught:
        make(viewer, analysed, image_ids=[])
    assert caught.value.key == "maps.too_few"
    with reading() as session:
        assert len(session.exec(select(Map)).all()) == 1


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"seed": -1}, "wrong_seed"),
        ({"seed": 2**32}, "wrong_seed"),
        ({"name": "  "}, "name_missing"),
        ({"name": "x" * 101}, "name_too_long"),
        ({"name": "a\nb"}, "name_control"),
        ({"method": "isomap"}, "unknown_method"),
    ],
)
def test_refuses_wrong_values(
    viewer: Viewer, analysed: AnalysedProject, change: dict[str, object], key: str
) -> None:
    with pytest.raises(UserError) as caught:
        make(viewer, analysed, **change)  # type: ignore[arg-type]
    assert caught.value.key == f"maps.{key}"


def test_vectors_that_are_not_finite_are_left_out_later(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    broken = int(analysed.image_ids[4])
    with writing() as session:
        embedding = session.get(Embedding, (broken, MODEL))
        assert embedding is not None
        embedding.vector = np.full(32, np.nan, dtype="<f4").tobytes()
    made = make(viewer, analysed)
    assert made.id is not None
    gone = int(analysed.image_ids[8])
    with writing() as session:
        session.execute(sa.delete(Image).where(sa.column("id") == gone))
    compute_map(made.id, quietly, never)
    with reading() as session:
        loaded = load_map(session, viewer, made.id)
    assert loaded.map.source["left_out"] == 2
    assert loaded.map.image_count == len(loaded.image_ids) == len(loaded.coordinates) == 29
    assert not {broken, gone} & set(loaded.image_ids.tolist())


def test_too_few_usable_vectors_end_in_a_clear_error(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    made = make(viewer, analysed, image_ids=analysed.image_ids[:12])
    assert made.id is not None
    with writing() as session:
        session.execute(sa.delete(Image).where(sa.column("id") < int(analysed.image_ids[5])))
    with pytest.raises(UserError) as caught:
        compute_map(made.id, quietly, never)
    assert caught.value.key == "maps.too_few_analysed"
    assert caught.value.params == {"n": 7, "left_out": 5}


def test_computing_again_changes_nothing(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = finished(viewer, analysed)
    with reading() as session:
        before = load_map(session, viewer, map_id)
    compute_map(map_id, quietly, never)
    with reading() as session:
        after = load_map(session, viewer, map_id)
        project = session.get(Project, analysed.id)
        assert project is not None
        kinds = [event.kind for event in events(session, viewer, project)]
    assert after.map.finished_at == before.map.finished_at
    assert kinds == ["map.created"]


def test_history_tells_of_a_map(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = finished(viewer, analysed, name="Line 3")
    rename_map(viewer, map_id, "Line 4")
    rename_map(viewer, map_id, "Line 4")
    delete_map(viewer, map_id)
    with reading() as session:
        project = session.get(Project, analysed.id)
        assert project is not None
        told = events(session, viewer, project)
    assert [event.kind for event in told] == ["map.deleted", "map.renamed", "map.created"]
    assert "Line 3" in told[2].sentence
    assert "PCA" in told[2].sentence
    assert "31" in told[2].sentence


@pytest.mark.parametrize("method", ["pca", "umap", "tsne"])
def test_progress_and_cancelling(viewer: Viewer, analysed: AnalysedProject, method: str) -> None:
    made = make(viewer, analysed, method=method)
    assert made.id is not None
    stages: list[str] = []

    def progress(stage: str, done: int, total: int | None) -> None:
        assert 0 <= done <= (total if total is not None else 0)
        stages.append(stage)

    with pytest.raises(Cancelled):
        compute_map(made.id, progress, lambda: f"maps.stage.{method}" in stages)
    with reading() as session, pytest.raises(UserError) as caught:
        load_map(session, viewer, made.id)
    assert caught.value.key == "maps.unfinished"
    compute_map(made.id, progress, never)
    in_order = list(dict.fromkeys(stages))
    assert in_order == [
        f"maps.stage.{stage}" for stage in ("features", "neighbours", method, "quality", "store")
    ]


def test_deleting_removes_the_arrays_and_stops_a_computation(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    made = make(viewer, analysed)
    assert made.id is not None
    map_id = made.id

    def delete_meanwhile(stage: str, _done: int, _total: int | None) -> None:
        if stage == "maps.stage.store":
            delete_map(viewer, map_id)

    with pytest.raises(NotFound):
        compute_map(map_id, delete_meanwhile, never)
    with reading() as session:
        assert session.exec(select(Map)).all() == []
        assert session.exec(select(MapData)).all() == []


def test_list_newest_first_with_unfinished_ones(viewer: Viewer, analysed: AnalysedProject) -> None:
    done = finished(viewer, analysed)
    waiting = make(viewer, analysed)
    with reading() as session:
        project = session.get(Project, analysed.id)
        assert project is not None
        listed = maps(session, viewer, project)
    assert [found.id for found in listed] == [waiting.id, done]
    assert [found.finished_at is None for found in listed] == [True, False]


def test_maps_of_a_deleted_project_are_out_of_sight(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    map_id = finished(viewer, analysed)
    with writing() as session:
        project = session.get(Project, analysed.id)
        assert project is not None
        project.deleted_at = now()
    with reading() as session:
        assert maps(session, viewer, project) == []
        with pytest.raises(NotFound):
            load_map(session, viewer, map_id)
    for change in (lambda: rename_map(viewer, map_id, "x"), lambda: delete_map(viewer, map_id)):
        with pytest.raises(NotFound):
            change()
    with pytest.raises(NotFound):
        make(viewer, analysed)


def test_the_web_process_does_not_load_the_heavy_libraries() -> None:
    heavy = ["umap", "numba", "sklearn", "faiss", "openTSNE", "torch", "pandas", "pyarrow"]
    code = f"import core.maps, core.formats, sys; print([m for m in {heavy} if m in sys.modules])"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_map_keeps_its_quality_and_clusters(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = finished(viewer, analysed, method="pca")
    with reading() as session:
        loaded = load_map(session, viewer, map_id)
    assert 0.8 < (loaded.map.trustworthiness or 0) <= 1
    assert 0.8 < (loaded.map.continuity or 0) <= 1
    assert loaded.map.recall == 1
    assert loaded.neighbour_shares is not None
    assert loaded.clusters is not None
    assert loaded.neighbour_shares.shape == loaded.clusters.shape == (31,)
    assert 0 < loaded.neighbour_shares.mean() <= 1
    assert loaded.clusters[30] == -1, "the image unlike all others"


def test_a_map_from_before_quality_was_kept_still_opens(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    map_id = finished(viewer, analysed, method="pca")
    with writing() as session:
        data = session.get(MapData, map_id)
        assert data is not None
        data.neighbour_shares = data.clusters = None
    with reading() as session:
        loaded = load_map(session, viewer, map_id)
    assert loaded.neighbour_shares is None
    assert loaded.clusters is None
