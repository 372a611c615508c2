"""New images on a map that is there already; what was on it stays where it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Embedding
from core.database import reading, writing
from core.errors import UserError
from core.history import record
from core.jobs.context import Cancelled
from core.maps.compute import CancelAsked, Progress
from core.maps.features import features, unit_length, usable_rows
from core.maps.neighbours import nearest_neighbours
from core.maps.outliers import NEIGHBOURS, outlier_scores
from core.maps.store import LoadedMap, load_map
from core.maps.tables import Map, MapData
from core.media.tables import Image

_NEAREST = 15  # images on the map that a new one is placed by

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Placed:
    """What a map keeps of each new image, in their order."""

    coordinates: Floats
    outlier_scores: Floats
    neighbour_shares: Floats
    clusters: npt.NDArray[np.int32]


def unplaced(session: Session, viewer: Viewer, found: Map, on_map: Ids) -> Ids:
    """Analysed images that a map of the whole project lacks, ascending; none for other maps."""
    if found.source.get("kind") != "all":
        return np.empty(0, dtype=np.int64)
    query = (
        select(Image.id)
        .join(Embedding, col(Embedding.image_id) == col(Image.id))
        .where(
            Image.project_id == found.project_id,
            Embedding.model_key == found.model_key,
            visible_images(viewer),
        )
    )
    return np.setdiff1d(np.fromiter(session.exec(query), dtype=np.int64), on_map)


def extend_map(viewer: Viewer, map_id: int, progress: Progress, cancelled: CancelAsked) -> None:
    """Place the images that a finished map lacks and mark them as new. Can start over.

    Raises:
        Cancelled: `cancelled` said so; nothing is stored.
        NotFound: there is no such map, or `viewer` may not see it.
        UserError: the map is not finished, or nothing is left of it to place images by.
    """
    progress("maps.stage.features", 0, None)
    with reading() as session:
        loaded = load_map(session, viewer, map_id, whole=True)
        ids = unplaced(session, viewer, loaded.map, loaded.image_ids)
        old = features(session, loaded.image_ids, loaded.map.model_key)
        new = features(session, ids, loaded.map.model_key)
    if len(ids) == 0:
        return
    kept, usable = usable_rows(old), usable_rows(new)
    if kept.sum() <= _NEAREST or old.shape[1] != new.shape[1]:
        raise UserError("maps.nothing_to_place_by", name=loaded.map.name)
    if cancelled():
        raise Cancelled
    progress("maps.stage.place", 0, None)
    placed = place(loaded, kept, unit_length(old[kept]), unit_length(new[usable]))
    if cancelled():
        raise Cancelled
    progress("maps.stage.store", 0, None)
    _store(viewer, loaded, ids[usable], placed)


def place(loaded: LoadedMap, kept: npt.NDArray[np.bool_], old: Floats, new: Floats) -> Placed:
    """Put each new image at the middle of its 15 nearest images on the map, the near ones first.

    The weights fall off with the distance as the ones that UMAP's `transform` starts from: with d
    the distances, exp(-(d - min d) / mean(d - min d)). A new image's outlier score compares its
    distances with those among the old images; its cluster is that of the nearest image.

    Args:
        kept: which of the map's images have their features still, bool (N,).
        old: unit vectors of these, float32 (M, D).
        new: unit vectors, float32 (R, D).
    """
    import faiss
    from scipy.spatial import KDTree

    from core.maps.distances import distances_to

    on_map = loaded.coordinates[kept]
    if len(new) == 0:
        nothing = np.empty(0, dtype=np.float32)
        return Placed(on_map[:0], nothing, nothing, np.empty(0, dtype=np.int32))
    _, nearest = faiss.knn(new, old, _NEAREST)
    rows = len(old) + np.arange(len(new))
    distances = distances_to(np.vstack([old, new]), rows, nearest)
    beyond = distances - distances.min(axis=1, keepdims=True)
    scale = np.maximum(beyond.mean(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    weights = np.exp(-beyond / scale)
    weights /= weights.sum(axis=1, keepdims=True)
    coordinates = np.einsum("rk,rkd->rd", weights, on_map[nearest]).astype(np.float32)
    _, near = KDTree(on_map).query(coordinates, _NEAREST, workers=-1)
    both = (nearest[:, :, None] == near[:, None, :]).any(axis=2)
    known = nearest_neighbours(old, NEIGHBOURS).distances
    closest = nearest[np.arange(len(new)), distances.argmin(axis=1)]
    groups = loaded.clusters[kept][closest] if loaded.clusters is not None else None
    return Placed(
        coordinates,
        outlier_scores(np.sort(distances, axis=1)[:, :NEIGHBOURS], known),
        both.mean(axis=1, dtype=np.float32),
        np.full(len(new), -1, dtype=np.int32) if groups is None else groups,
    )


def _store(viewer: Viewer, loaded: LoadedMap, ids: Ids, placed: Placed) -> None:
    """Write the map with the new images between the old ones, by id."""
    order = np.argsort(np.concatenate([loaded.image_ids, ids]), kind="stable")

    def merged(old: npt.NDArray[np.generic], new: npt.NDArray[np.generic], kind: str) -> bytes:
        return np.concatenate([old, new])[order].astype(kind).tobytes()

    with writing() as session:
        found = session.get_one(Map, loaded.map.id)
        data = session.get_one(MapData, loaded.map.id)
        if found.image_count != len(loaded.image_ids) or len(ids) == 0:
            return  # another job was faster
        data.image_ids = merged(loaded.image_ids, ids, "<i8")
        data.coordinates = merged(loaded.coordinates, placed.coordinates, "<f4")
        data.outlier_scores = merged(loaded.outlier_scores, placed.outlier_scores, "<f4")
        if loaded.neighbour_shares is not None and loaded.clusters is not None:
            data.neighbour_shares = merged(loaded.neighbour_shares, placed.neighbour_shares, "<f4")
            data.clusters = merged(loaded.clusters, placed.clusters, "<i4")
        data.added = merged(loaded.added, np.ones(len(ids), dtype=np.bool_), "u1")
        found.image_count = len(order)
        session.add_all([found, data])
        details = {"map": found.id, "name": found.name, "n": len(ids)}
        record(session, viewer, found.project_id, "map.extended", details)
