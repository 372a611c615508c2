import numpy as np
import pytest
from sklearn.cluster import HDBSCAN

from core.maps import clusters as module
from core.maps.neighbours import nearest_neighbours
from tests.core.maps.conftest import three_groups

pytestmark = pytest.mark.usefixtures("database")


def found_in(features: np.ndarray, k: int = 30) -> np.ndarray:
    return module.clusters(nearest_neighbours(features, min(k, len(features) - 1)))


def test_finds_the_groups_also_where_the_graph_falls_apart() -> None:
    features, groups = three_groups(60)  # 30 neighbours never leave a group of 60
    found = found_in(features)
    assert found.dtype == np.int32
    assert set(found.tolist()) - {-1} == {0, 1, 2}
    assert (found >= 0).mean() > 0.8
    for cluster in range(3):
        assert len(set(groups[found == cluster].tolist())) == 1


def test_agrees_with_all_pairs() -> None:
    random = np.random.default_rng(3)
    sizes = (90, 60, 30)
    features = np.vstack(
        [random.normal(5 * i, 1, size=(size, 4)) for i, size in enumerate(sizes)]
    ).astype(np.float32)
    whole = HDBSCAN(min_cluster_size=7, min_samples=5, copy=True).fit_predict(features)
    found = found_in(features, 60)
    assert ((whole >= 0) == (found >= 0)).mean() > 0.95
    both = (whole >= 0) & (found >= 0)
    pairs = set(zip(whole[both].tolist(), found[both].tolist(), strict=True))
    assert len(pairs) == len(set(whole[both].tolist())) == 3


def test_the_largest_is_the_first() -> None:
    features, _ = three_groups(50)
    found = found_in(np.vstack([features[:20], features[50:100], features[100:130]]))
    counts = np.bincount(found[found >= 0])
    assert (np.diff(counts) <= 0).all()
    assert len(counts) == 3


def test_all_equal_and_very_few_have_no_clusters() -> None:
    assert (found_in(np.ones((40, 4), dtype=np.float32)) == -1).all()
    assert (found_in(np.eye(4, dtype=np.float32)) == -1).all()


def test_duplicates_make_clusters() -> None:
    features = np.repeat(np.eye(3, dtype=np.float32), 40, axis=0)
    found = found_in(features)
    assert [len(set(found[i * 40 : i * 40 + 40].tolist())) for i in range(3)] == [1, 1, 1]
    assert len(set(found.tolist())) == 3


def test_are_found_once_for_the_same_features(monkeypatch: pytest.MonkeyPatch) -> None:
    features = three_groups(30)[0]
    before = found_in(features)

    def again(*_: object) -> np.ndarray:
        raise AssertionError("found once more")

    monkeypatch.setattr(module, "_clusters", again)
    np.testing.assert_array_equal(found_in(features), before)
