import numpy as np
import pytest

from core.maps import neighbours as module
from core.maps.features import unit_length
from core.maps.neighbours import nearest_neighbours
from core.settings import settings

pytestmark = pytest.mark.usefixtures("database")


def brute_force(features: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    exact = features.astype(np.float64)
    distances = np.linalg.norm(exact[:, None] - exact[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distances, order, axis=1)


def normal(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize(("n", "k"), [(10, 9), (10, 1), (300, 15), (1500, 91)])
def test_equals_brute_force(n: int, k: int) -> None:
    features = unit_length(normal(n, 24))
    found = nearest_neighbours(features, k)
    _, distances = brute_force(features, k)
    assert found.indices.dtype == np.int32
    assert found.distances.dtype == np.float32
    np.testing.assert_allclose(found.distances, distances, atol=1e-6)
    # Two that are as far to within a rounding may stand in either order.
    others = features.astype(np.float64)[found.indices]
    exact = np.linalg.norm(others - features.astype(np.float64)[:, None], axis=2)
    np.testing.assert_allclose(exact, distances, atol=1e-6)
    assert all(len(set(row)) == k for row in found.indices.tolist())


def test_is_exact_far_from_the_origin() -> None:
    features = normal(200, 8) + np.float32(1000)
    indices, distances = brute_force(features, 5)
    found = nearest_neighbours(features, 5)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-3)


def test_no_row_is_its_own_neighbour_also_among_duplicates() -> None:
    features = np.repeat(normal(3, 8), 40, axis=0)  # more duplicates than neighbours
    found = nearest_neighbours(features, 12)
    assert not (found.indices == np.arange(120)[:, None]).any()
    assert (found.indices // 40 == (np.arange(120) // 40)[:, None]).all()
    assert (found.distances == 0).all()
    assert all(len(set(row)) == 12 for row in found.indices.tolist())


def test_equal_distances_are_ordered_by_index() -> None:
    corners = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]], dtype=np.float32)
    assert nearest_neighbours(corners, 4).indices[0].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("k", [0, 10, -1])
def test_refuses_an_impossible_k(k: int) -> None:
    with pytest.raises(ValueError, match=r"within 1\.\.9"):
        nearest_neighbours(normal(10, 4), k)


def count_searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    searched: list[int] = []
    search = module._search

    def counting(features: np.ndarray, k: int, step: None) -> module.Neighbours:
        searched.append(k)
        return search(features, k, step)

    monkeypatch.setattr(module, "_search", counting)
    return searched


def test_a_graph_is_made_once_and_serves_smaller_k(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = count_searches(monkeypatch)
    features = normal(300, 8)
    wide = nearest_neighbours(features, 120)
    narrow = nearest_neighbours(features.copy(), 10)
    np.testing.assert_array_equal(narrow.indices, wide.indices[:, :10])
    np.testing.assert_array_equal(narrow.distances, wide.distances[:, :10])
    assert searched == [120]
    nearest_neighbours(features, 150)
    nearest_neighbours(features, 120)
    assert searched == [120, 150]


def test_other_features_get_another_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = count_searches(monkeypatch)
    features = normal(20, 8)
    nearest_neighbours(features, 5)
    nearest_neighbours(features[::-1].copy(), 5)
    nearest_neighbours(features.reshape(40, 4), 5)
    assert len(searched) == 3


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text", "other"])
def test_a_damaged_cache_is_made_again(damage: str) -> None:
    features = normal(50, 8)
    before = nearest_neighbours(features, 5)
    (path,) = (settings().cache_dir / "neighbours").iterdir()
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        middle = len(content) // 3
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("not an archive")
    else:
        np.savez(path, indices=before.indices + 1000, distances=before.distances)
    after = nearest_neighbours(features, 5)
    np.testing.assert_array_equal(after.indices, before.indices)
    np.testing.assert_array_equal(after.distances, before.distances)
    assert list((settings().cache_dir / "neighbours").iterdir()) == [path]


def test_stopping_leaves_no_file() -> None:
    def stop(_done: int, _total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        nearest_neighbours(normal(50, 8), 5, stop)
    assert not list(settings().cache_dir.rglob("*.npz"))


def test_says_how_far_it_is() -> None:
    steps: list[tuple[int, int]] = []
    nearest_neighbours(normal(1500, 4), 3, lambda done, total: steps.append((done, total)))
    assert steps == [(1024, 1500), (1500, 1500)]


def test_large_sets_are_searched_approximately_and_say_how_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features = unit_length(normal(4000, 16))
    exact = nearest_neighbours(features, 20)
    assert exact.recall == 1
    (settings().cache_dir / "neighbours" / f"{exact.content}.npz").unlink()
    monkeypatch.setattr(module, "EXACT_UP_TO", 1000)
    found = nearest_neighbours(features, 20)
    hits = [len(np.intersect1d(a, b)) for a, b in zip(found.indices, exact.indices, strict=True)]
    assert module.WANTED_RECALL <= found.recall <= 1
    assert np.mean(hits) / 20 == pytest.approx(found.recall, abs=0.03)
    assert (found.indices != np.arange(4000)[:, None]).all()
    assert (np.diff(found.distances, axis=1) >= 0).all()
    again = nearest_neighbours(features, 20)
    np.testing.assert_array_equal(again.indices, found.indices)
    assert again.recall == found.recall


def test_search_on_a_torch_device_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.maps import gpu

    features = normal(500, 16)
    exact = nearest_neighbours(features, 10)
    monkeypatch.setattr(gpu, "_DATABASE_ROWS", 128)
    found = gpu.TorchSearch(features, "cpu")(features, 11)
    np.testing.assert_array_equal(found[:, 0], np.arange(500))
    assert (found[:, 1:] == exact.indices).mean() > 0.999
