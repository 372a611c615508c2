"""The gradient of t-SNE in two and three dimensions by a tree over blocks of points.

Barnes & Hut (1986) replace far points by their centre; van der Maaten (2014) does so for t-SNE with
one walk through the tree for each point. Here 32 points that lie side by side walk together and
every step is 32 times the same arithmetic on values side by side, which processors do several at a
time. The tree is binary over the points in Morton order (Karras 2012), so it needs no pointers. Any
number of threads gives the same numbers.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from core.maps.threads import one_at_a_time

Floats = npt.NDArray[np.float32]

_BLOCK = 32  # points that walk through the tree together
_STACK = 64  # the tree's depth at a billion points is 25
# Against the exact forces this errs by 0.4 % in 3D and 1.3 % in 2D; the usual tree at its 0.5 by
# 1.3 % and 2.4 % (5,000 and 3,000 normally distributed points).
_THETA = 0.8


def tsne_gradient(
    embedding: npt.NDArray[np.float64],
    affinities: Any,
    *,
    should_eval_error: bool = False,
    **_options: object,
) -> tuple[float, npt.NDArray[np.float64]]:
    """Divergence and gradient of a layout; an objective function for openTSNE.

    Args:
        embedding: (N, 2) or (N, 3).
        affinities: SciPy CSR matrix (N, N) of joint probabilities.
        should_eval_error: whether to work out the divergence, which is 0 otherwise.

    Returns:
        Kullback-Leibler divergence, and the gradient float64 (N, dimensions).
    """
    n, dimensions = embedding.shape
    points = np.zeros((3, n), dtype=np.float32)
    points[:dimensions] = np.asarray(embedding).T
    order = np.argsort(_morton_codes(points), kind="stable")
    points = np.ascontiguousarray(points[:, order])
    centres, sizes = _build_tree(points)
    repulsion, normaliser = _repulsion(points, centres, sizes, np.float32(_THETA**2))
    total = max(float(normaliser.sum(dtype=np.float64)), np.finfo(float).tiny)
    gradient = np.empty((n, dimensions))
    gradient[order] = repulsion[:dimensions].T / -total
    error = _add_attraction(
        affinities.indptr,
        affinities.indices,
        affinities.data,
        np.asarray(embedding),
        gradient,
        should_eval_error,
    )
    divergence = 0.0
    if should_eval_error:
        divergence = float(error.sum()) + float(affinities.data.sum()) * np.log(total)
    return divergence, gradient


def _morton_codes(points: Floats) -> npt.NDArray[np.uint64]:
    """Codes of (3, N) points along the Z-order curve, 21 bits an axis: near codes lie near."""
    low = points.min(axis=1, keepdims=True)
    span = max(float((points - low).max()), 1e-20)  # all at one place otherwise
    codes = np.zeros(points.shape[1], dtype=np.uint64)
    for axis, cells in enumerate(((points - low) * ((2**21 - 1) / span)).astype(np.uint64)):
        for shift, mask in (
            (32, 0x1F00000000FFFF),
            (16, 0x1F0000FF0000FF),
            (8, 0x100F00F00F00F00F),
            (4, 0x10C30C30C30C30C3),
            (2, 0x1249249249249249),
        ):
            cells = (cells | cells << np.uint64(shift)) & np.uint64(mask)
        codes |= cells << np.uint64(axis)
    return codes


@numba.njit(cache=True)
def _build_tree(points):  # type: ignore[no-untyped-def]
    """Nodes in heap order: node i has the children 2i+1 and 2i+2, the last level are blocks.

    Returns:
        float32 (4, nodes): centre of mass and number of points; float32 (6, nodes): the points'
        box, its low corner, then its high one.
    """
    n = points.shape[1]
    leaves = 1
    while leaves * _BLOCK < n:
        leaves *= 2
    centres = np.zeros((4, 2 * leaves - 1), dtype=np.float32)
    boxes = np.empty((6, 2 * leaves - 1), dtype=np.float32)
    boxes[:3] = np.inf
    boxes[3:] = -np.inf
    for leaf in range((n + _BLOCK - 1) // _BLOCK):
        node = leaves - 1 + leaf
        start, stop = leaf * _BLOCK, min((leaf + 1) * _BLOCK, n)
        centres[3, node] = stop - start
        for axis in range(3):
            total = 0.0
            for i in range(start, stop):
                value = points[axis, i]
                total += value
                boxes[axis, node] = min(boxes[axis, node], value)
                boxes[3 + axis, node] = max(boxes[3 + axis, node], value)
            centres[axis, node] = total / (stop - start)
    for node in range(leaves - 2, -1, -1):
        left, right = 2 * node + 1, 2 * node + 2
        count = centres[3, left] + centres[3, right]
        centres[3, node] = count
        for axis in range(3):
            boxes[axis, node] = min(boxes[axis, left], boxes[axis, right])
            boxes[3 + axis, node] = max(boxes[3 + axis, left], boxes[3 + axis, right])
            if count > 0:
                centres[axis, node] = (
                    centres[axis, left] * centres[3, left]
                    + centres[axis, right] * centres[3, right]
                ) / count
    return centres, boxes


@numba.njit(cache=True, fastmath=True)
def _is_far(block, node, centres, boxes, theta_squared):  # type: ignore[no-untyped-def]
    """Whether a node is small as seen from everywhere in a block's box."""
    extent = np.float32(0)
    distance = np.float32(0)
    for axis in range(3):
        extent = max(extent, boxes[3 + axis, node] - boxes[axis, node])
        centre = centres[axis, node]
        gap = max(boxes[axis, block] - centre, centre - boxes[3 + axis, block], np.float32(0))
        distance += gap * gap
    return extent * extent < theta_squared * distance


@numba.njit(cache=True, fastmath=True, inline="always")
def _push(px, py, pz, x, y, z, mass, itself, fx, fy, fz, fq):  # type: ignore[no-untyped-def]
    """Add to a block's forces and normalisers what `mass` points at (x, y, z) do to its points.

    `itself` is the place in the block of the one point that is the pushing one, or -1.
    One array an axis: only then does the compiler handle several points at a time.
    """
    for i in range(_BLOCK):
        dx = px[i] - x
        dy = py[i] - y
        dz = pz[i] - z
        kernel = np.float32(1) / (np.float32(1) + dx * dx + dy * dy + dz * dz)
        weight = np.float32(0) if i == itself else mass * kernel
        fq[i] += weight
        weight *= kernel
        fx[i] += weight * dx
        fy[i] += weight * dy
        fz[i] += weight * dz


@one_at_a_time
@numba.njit(cache=True, fastmath=True, parallel=True)
def _repulsion(points, centres, boxes, theta_squared):  # type: ignore[no-untyped-def]
    """Forces float32 (3, N), not normalised, and each point's part of the normaliser (N,)."""
    n = points.shape[1]
    first_leaf = centres.shape[1] // 2
    forces = np.empty((3, n), dtype=np.float32)
    normaliser = np.empty(n, dtype=np.float32)
    for block in numba.prange((n + _BLOCK - 1) // _BLOCK):
        start, stop = block * _BLOCK, min((block + 1) * _BLOCK, n)
        px = np.zeros(_BLOCK, dtype=np.float32)
        py, pz = np.zeros_like(px), np.zeros_like(px)
        px[: stop - start] = points[0, start:stop]
        py[: stop - start] = points[1, start:stop]
        pz[: stop - start] = points[2, start:stop]
        fx, fy = np.zeros_like(px), np.zeros_like(px)
        fz, fq = np.zeros_like(px), np.zeros_like(px)
        stack = np.empty(_STACK, dtype=np.int64)
        stack[0] = 0
        top = 1
        while top > 0:
            top -= 1
            node = stack[top]
            if centres[3, node] == 0:
                continue
            if _is_far(first_leaf + block, node, centres, boxes, theta_squared):
                _push(
                    px, py, pz, centres[0, node], centres[1, node], centres[2, node],
                    centres[3, node], -1, fx, fy, fz, fq,
                )  # fmt: skip
            elif node < first_leaf:
                stack[top] = 2 * node + 1
                stack[top + 1] = 2 * node + 2
                top += 2
            else:
                leaf = (node - first_leaf) * _BLOCK
                for j in range(leaf, min(leaf + _BLOCK, n)):
                    _push(
                        px, py, pz, points[0, j], points[1, j], points[2, j],
                        np.float32(1), j - start, fx, fy, fz, fq,
                    )  # fmt: skip
        forces[0, start:stop] = fx[: stop - start]
        forces[1, start:stop] = fy[: stop - start]
        forces[2, start:stop] = fz[: stop - start]
        normaliser[start:stop] = fq[: stop - start]
    return forces, normaliser


@one_at_a_time
@numba.njit(cache=True, fastmath=True, parallel=True)
def _add_attraction(indptr, indices, weights, embedding, gradient, should_eval_error):  # type: ignore[no-untyped-def]
    """Add the pull along the neighbours to `gradient`; each row's part of the divergence (N,)."""
    n, dimensions = embedding.shape
    error = np.zeros(n)
    for i in numba.prange(n):
        for entry in range(indptr[i], indptr[i + 1]):
            j = indices[entry]
            squared = 0.0
            for axis in range(dimensions):
                difference = embedding[i, axis] - embedding[j, axis]
                squared += difference * difference
            weight = weights[entry] / (1.0 + squared)
            for axis in range(dimensions):
                gradient[i, axis] += weight * (embedding[i, axis] - embedding[j, axis])
            if should_eval_error and weights[entry] > 0:
                error[i] += weights[entry] * np.log(weights[entry] * (1.0 + squared))
    return error
