"""Pictures that show the same: copies in another size, quality or brightness, frames of a burst."""

import numpy as np
import numpy.typing as npt

from core.maps.neighbours import EXACT_UP_TO, Neighbours

Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

#: Bits of 64 in which two perceptual hashes may differ.
MOST_BITS = 10
#: Cosine similarity that the features have to have.
LEAST_SIMILARITY = 0.75
# Euclidean distance of unit vectors at that similarity: d² = 2 - 2 cos.
_FARTHEST = np.float32(np.sqrt(2 - 2 * LEAST_SIMILARITY))
_NEAR_HASHES = 20  # images with the nearest hashes that each one is compared with


def duplicate_groups(
    features: npt.NDArray[np.float32],
    graph: Neighbours,
    hashes: npt.NDArray[np.int64],
    known: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int32]:
    """The group of near-duplicates of each image, int32 (N,), the largest is 1; 0: it has none.

    Two images are near-duplicates when their 64-bit perceptual hashes (pHash, Zauner 2010) differ
    in at most 10 bits and their features have a cosine similarity of at least 0.75: the hash alone
    takes all flat pictures for one, the features alone all pieces of one fabric (two of them have
    0.96, a copy of half the size 0.84). Near-duplicates of near-duplicates are in the same group.
    Groups of one size are numbered by their first image.

    Candidates are each image's neighbours in the graph and, up to 100,000 images, those with the 20
    nearest hashes.

    Args:
        features: unit vectors, float32 (N, D).
        graph: of `features`.
        hashes: int64 (N,).
        known: bool (N,): which images have a hash.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(hashes)
    rows, others = _near_in_graph(graph)
    if n <= EXACT_UP_TO:
        by_hash = _near_by_hash(features, hashes)
        rows, others = np.append(rows, by_hash[0]), np.append(others, by_hash[1])
    differing = np.bitwise_count((hashes[rows] ^ hashes[others]).view(np.uint64))
    same = (differing <= MOST_BITS) & known[rows] & known[others]
    pairs = coo_array((np.ones(int(same.sum())), (rows[same], others[same])), shape=(n, n))
    _, part_of = connected_components(pairs, directed=False)
    return _numbered(part_of)


def _near_in_graph(graph: Neighbours) -> Pairs:
    rows, places = np.nonzero(graph.distances <= _FARTHEST)
    return rows, graph.indices[rows, places].astype(np.int64)


def _near_by_hash(features: npt.NDArray[np.float32], hashes: npt.NDArray[np.int64]) -> Pairs:
    import faiss

    from core.maps.distances import distances_to

    codes = np.ascontiguousarray(hashes).view(np.uint8).reshape(len(hashes), -1)
    index = faiss.IndexBinaryFlat(8 * codes.shape[1])
    index.add(codes)
    bits, found = index.search(codes, min(_NEAR_HASHES, len(codes)))
    near = (bits <= MOST_BITS) & (found != np.arange(len(found))[:, None])
    asked = np.flatnonzero(near.any(axis=1))
    alike = distances_to(features, asked, found[asked]) <= _FARTHEST
    rows, places = np.nonzero(near[asked] & alike)
    return asked[rows], found[asked[rows], places]


def _numbered(part_of: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Numbers from 1 on of the parts with several members, the largest first; 0 for the others."""
    # Parts are numbered in the order of their first images.
    sizes = np.bincount(part_of)
    wanted = np.flatnonzero(sizes > 1)
    numbers = np.zeros(len(sizes), dtype=np.int32)
    numbers[wanted[np.argsort(-sizes[wanted], kind="stable")]] = np.arange(1, len(wanted) + 1)
    groups: npt.NDArray[np.int32] = numbers[part_of]
    return groups
