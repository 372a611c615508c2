import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.maps.features import unit_length
from core.maps.neighbours import Neighbours
from core.scores.duplicates import duplicate_groups


def exact_graph(features: np.ndarray, k: int) -> Neighbours:
    distances = np.linalg.norm(features[:, None] - features[None, :], axis=2)
    np.fill_diagonal(distances, np.inf)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(distances, order, axis=1)
    return Neighbours(order.astype(np.int32), near.astype(np.float32))


def flipped(value: int, bits: int) -> int:
    return value ^ ((1 << bits) - 1)


def groups_of(features: np.ndarray, hashes: list[int], k: int = 3) -> list[int]:
    unit = unit_length(features.astype(np.float32))
    known = np.ones(len(hashes), dtype=np.bool_)
    graph = exact_graph(unit, k)
    return duplicate_groups(unit, graph, np.array(hashes, dtype=np.int64), known).tolist()


def angles(*degrees: float) -> np.ndarray:
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1)


def test_both_hash_and_features_have_to_be_near() -> None:
    # Cosines 0.80 (37°) and 0.71 (45°) to the first; 10 and 11 bits apart.
    assert groups_of(angles(0, 37, 180, 200), [0, flipped(0, 10), -1, 1 << 40]) == [1, 1, 0, 0]
    assert groups_of(angles(0, 45, 180, 200), [0, flipped(0, 10), -1, 1 << 40]) == [0, 0, 0, 0]
    assert groups_of(angles(0, 37, 180, 200), [0, flipped(0, 11), -1, 1 << 40]) == [0, 0, 0, 0]


def test_groups_are_transitive_and_the_largest_is_first() -> None:
    # 0 and 2 are 20 bits apart, but both are near 1; 3 and 4 are a pair of their own, earlier.
    far = -(1 << 40)
    hashes = [far, far + 1, 0, flipped(0, 10), flipped(0, 20), 1 << 50]
    assert groups_of(angles(170, 170, 0, 10, 20, 90), hashes) == [2, 2, 1, 1, 1, 0]


def test_a_copy_with_many_nearer_neighbours_by_features_is_found_by_its_hash() -> None:
    # The first and the last are copies at 20°; six others lie between them by features.
    features = angles(0, 1, 2, 3, 4, 5, 6, 20)
    hashes = [5, *(0x1111111111111111 * i for i in range(1, 7)), 5]
    assert groups_of(features, hashes, k=2) == [1, 0, 0, 0, 0, 0, 0, 1]


def test_images_without_a_hash_are_in_no_group() -> None:
    unit = angles(0, 0, 0).astype(np.float32)
    known = np.array([True, False, True])
    found = duplicate_groups(unit, exact_graph(unit, 2), np.zeros(3, dtype=np.int64), known)
    assert found.tolist() == [1, 0, 1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=14))
def test_groups_are_those_of_all_pairs(points: list[tuple[int, int]]) -> None:
    """Against a search among all pairs, on four directions and four hashes 9 bits apart."""
    features = angles(*(30 * direction for direction, _ in points))
    hashes = [flipped(0, 9 * step) for _, step in points]
    part = list(range(len(points)))
    for a in range(len(points)):
        for b in range(a):
            near = abs(points[a][0] - points[b][0]) <= 1 and abs(points[a][1] - points[b][1]) <= 1
            if near:
                part = [part[b] if p == part[a] else p for p in part]
    found = groups_of(features, hashes, k=len(points) - 1)
    for a in range(len(points)):
        assert (found[a] > 0) == (part.count(part[a]) > 1)
        for b in range(a):
            assert (found[a] == found[b] > 0) == (part[a] == part[b])
    sizes = [found.count(number) for number in range(1, max(found) + 1)]
    assert sizes == sorted(sizes, reverse=True)
