import numpy as np
import pytest

from core.accounts.access import Viewer
from core.analysis.tables import Embedding
from core.database import reading, writing
from core.errors import NotFound
from core.history import events
from core.jobs.context import Cancelled
from core.maps import LoadedMap, compute_map, load_map
from core.maps.extend import extend_map, unplaced
from core.projects.tables import Project
from tests.core.maps.conftest import MODEL, AnalysedProject, add_images, three_groups
from tests.core.maps.test_store import make, never, quietly


def mapped(viewer: Viewer, analysed: AnalysedProject, kind: str = "all") -> int:
    made = make(viewer, analysed, "pca", source={"kind": kind})
    assert made.id is not None
    compute_map(made.id, quietly, never)
    return made.id


def opened(viewer: Viewer, map_id: int) -> tuple[LoadedMap, np.ndarray]:
    with reading() as session:
        loaded = load_map(session, viewer, map_id)
        return loaded, unplaced(session, viewer, loaded.map, loaded.image_ids)


def test_new_images_join_their_group_and_nothing_else_moves(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    map_id = mapped(viewer, analysed)
    before, missing = opened(viewer, map_id)
    assert len(missing) == 0
    features, groups = three_groups(2, seed=9)
    new_ids = add_images(viewer, analysed.id, np.vstack([features, 50 * np.eye(1, 32, 20)]))
    assert opened(viewer, map_id)[1].tolist() == new_ids.tolist()

    extend_map(viewer, map_id, quietly, never)
    after, missing = opened(viewer, map_id)
    assert len(missing) == 0
    assert after.map.image_count == len(after.image_ids) == 38
    assert (np.diff(after.image_ids) > 0).all()
    old = np.isin(after.image_ids, before.image_ids)
    np.testing.assert_array_equal(after.coordinates[old], before.coordinates)
    np.testing.assert_array_equal(after.outlier_scores[old], before.outlier_scores)
    np.testing.assert_array_equal(after.added, ~old)
    centres = np.array([before.coordinates[g * 10 : g * 10 + 10].mean(axis=0) for g in range(3)])
    for coordinates, group in zip(after.coordinates[31:37], groups, strict=True):
        assert np.linalg.norm(centres - coordinates, axis=1).argmin() == group
    assert after.outlier_scores[37] == after.outlier_scores[31:].max()
    with reading() as session:
        project = session.get_one(Project, analysed.id)
        told = events(session, viewer, project)[0]
    assert told.kind == "map.extended"
    assert "7" in told.sentence


def test_extending_again_changes_nothing(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = mapped(viewer, analysed)
    add_images(viewer, analysed.id, analysed.features[:3])
    extend_map(viewer, map_id, quietly, never)
    once = opened(viewer, map_id)[0]
    extend_map(viewer, map_id, quietly, never)
    twice = opened(viewer, map_id)[0]
    np.testing.assert_array_equal(once.coordinates, twice.coordinates)
    np.testing.assert_array_equal(once.added, twice.added)


def test_an_equal_image_lies_beside_its_twin(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = mapped(viewer, analysed)
    add_images(viewer, analysed.id, analysed.features[4:5])
    extend_map(viewer, map_id, quietly, never)
    after = opened(viewer, map_id)[0]
    own_group = after.coordinates[:10]
    assert np.linalg.norm(after.coordinates[31] - own_group.mean(axis=0)) < 0.3


def test_a_broken_vector_is_not_placed(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = mapped(viewer, analysed)
    new_ids = add_images(viewer, analysed.id, analysed.features[:2])
    with writing() as session:
        embedding = session.get_one(Embedding, (int(new_ids[0]), MODEL))
        embedding.vector = np.full(32, np.nan, dtype="<f4").tobytes()
    extend_map(viewer, map_id, quietly, never)
    after, missing = opened(viewer, map_id)
    assert after.map.image_count == 32
    assert missing.tolist() == [int(new_ids[0])]


def test_a_map_of_a_query_asks_for_no_others(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = mapped(viewer, analysed, kind="query")
    add_images(viewer, analysed.id, analysed.features[:2])
    assert len(opened(viewer, map_id)[1]) == 0


def test_cancelling_stores_nothing(viewer: Viewer, analysed: AnalysedProject) -> None:
    map_id = mapped(viewer, analysed)
    add_images(viewer, analysed.id, analysed.features[:2])
    with pytest.raises(Cancelled):
        extend_map(viewer, map_id, quietly, lambda: True)
    assert opened(viewer, map_id)[0].map.image_count == 31


def test_no_such_map(viewer: Viewer) -> None:
    with pytest.raises(NotFound):
        extend_map(viewer, 99, quietly, never)
