"""Making, listing, opening and changing maps. What takes long is `compute`'s business."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images, visible_projects
from core.analysis.tables import Embedding
from core.database import writing
from core.errors import NotFound, UserError
from core.history import record
from core.i18n import t
from core.maps.methods import METHODS, MIN_IMAGES, validate
from core.maps.tables import Map, MapData
from core.media.images import project_image_ids
from core.media.tables import Image
from core.projects.store import load_project
from core.projects.tables import Project

Number = TypeVar("Number", np.float32, np.int32)

_DEFAULT_SEED = 0
_MAX_SEED = 2**32 - 1
_MAX_NAME = 100


@dataclass(frozen=True)
class LoadedMap:
    """A finished map with its arrays. Images that were deleted since are still in them."""

    map: Map
    #: int64 (N,), ascending.
    image_ids: npt.NDArray[np.int64]
    #: float32 (N, dimensions), centred, the farthest point at distance 1.
    coordinates: npt.NDArray[np.float32]
    #: float32 (N,) in [0, 1], higher is odder.
    outlier_scores: npt.NDArray[np.float32]
    #: float32 (N,) in [0, 1]: true neighbours that are near on the map; None for older maps.
    neighbour_shares: npt.NDArray[np.float32] | None
    #: int32 (N,), the largest cluster is 0, -1 is none; None for older maps.
    clusters: npt.NDArray[np.int32] | None
    #: bool (N,): came to the map after it was made.
    added: npt.NDArray[np.bool_]


def add_map(
    session: Session,
    viewer: Viewer,
    project_id: int,
    image_ids: Sequence[int] | npt.NDArray[np.int64],
    source: Mapping[str, Any],
    method: str,
    dimensions: int,
    params: Mapping[str, object],
    seed: int | None = None,
    name: str | None = None,
    *,
    job_id: str,
    model_key: str | None = None,
) -> Map:
    """Write a map that is to be computed, beside whatever else `session` writes.

    The images are a set: order and repetitions do not matter. Those without features by the
    model are left out and counted in the map's `source["left_out"]`.

    Args:
        source: where the images come from, e.g. {"kind": "query", "query": "tag:scratch"}.
        params: parameters that differ from the method's defaults.
        seed: None: always the same, so that the same images give the same map.
        name: None: made from the method and the number of images.
        model_key: whose features are taken; None: those of the project's own model.

    Raises:
        NotFound: no such project, or `viewer` may not see it.
        UserError: fewer than ten usable images (`maps.too_few`), or a wrong value.
    """
    project = load_project(session, viewer, project_id)
    model_key = model_key or project.model_key
    usable, left_out = _usable_ids(session, viewer, project, image_ids, model_key)
    checked = validate(method, dimensions, params, len(usable))
    new = Map(
        project_id=project_id,
        name=_checked_name(name) if name else _default_name(method, dimensions, len(usable)),
        method=method,
        dimensions=dimensions,
        params=checked,
        seed=_checked_seed(seed),
        model_key=model_key,
        source={**source, "left_out": left_out},
        image_count=len(usable),
        job_id=job_id,
        created_by=viewer.user_id,
    )
    session.add(new)
    session.flush()
    assert new.id is not None
    session.add(MapData(map_id=new.id, image_ids=usable.astype("<i8").tobytes()))
    return new


def maps(session: Session, viewer: Viewer, project: Project) -> list[Map]:
    """A project's maps, the newest first; those without `finished_at` are not computed yet."""
    query = (
        select(Map)
        .join(Project, col(Project.id) == col(Map.project_id))
        .where(Map.project_id == project.id, visible_projects(viewer))
        .order_by(col(Map.id).desc())
    )
    return list(session.exec(query))


def load_map(session: Session, viewer: Viewer, map_id: int, *, whole: bool = False) -> LoadedMap:
    """A finished map with its arrays.

    Args:
        whole: also the points of images that are in the bin or gone.

    Raises:
        NotFound: there is none, or `viewer` may not see it.
        UserError: it is not computed yet (`maps.unfinished`).
    """
    found = _visible_map(session, viewer, map_id)
    data = session.get(MapData, map_id)
    if data is None or data.coordinates is None or data.outlier_scores is None:
        raise UserError("maps.unfinished", name=found.name)
    coordinates = np.frombuffer(data.coordinates, dtype="<f4").reshape(-1, found.dimensions)
    loaded = LoadedMap(
        found,
        np.frombuffer(data.image_ids, dtype="<i8").astype(np.int64),
        coordinates.astype(np.float32),
        np.frombuffer(data.outlier_scores, dtype="<f4").astype(np.float32),
        _optional(data.neighbour_shares, np.float32),
        _optional(data.clusters, np.int32),
        np.zeros(found.image_count, dtype=np.bool_)
        if data.added is None
        else np.frombuffer(data.added, dtype="u1").astype(np.bool_),
    )
    if whole:
        return loaded
    seen = project_image_ids(session, viewer, found.project_id)
    return _only(loaded, np.isin(loaded.image_ids, seen, assume_unique=True))


def _only(loaded: LoadedMap, kept: npt.NDArray[np.bool_]) -> LoadedMap:
    """A map without some of its points."""
    if kept.all():
        return loaded
    shares, clusters = loaded.neighbour_shares, loaded.clusters
    return LoadedMap(
        loaded.map,
        loaded.image_ids[kept],
        loaded.coordinates[kept],
        loaded.outlier_scores[kept],
        None if shares is None else shares[kept],
        None if clusters is None else clusters[kept],
        loaded.added[kept],
    )


def _optional(content: bytes | None, kind: type[Number]) -> npt.NDArray[Number] | None:
    if content is None:
        return None
    return np.frombuffer(content, dtype=np.dtype(kind).newbyteorder("<")).astype(kind)


def rename_map(viewer: Viewer, map_id: int, name: str) -> Map:
    """Give a map another name.

    Raises:
        NotFound: there is none, or `viewer` may not see it.
        UserError: the name is empty, too long, or holds control characters.
    """
    checked = _checked_name(name)
    with writing() as session:
        found = _visible_map(session, viewer, map_id)
        if found.name != checked:
            details = {"old": found.name, "new": checked, "map": map_id}
            found.name = checked
            record(session, viewer, found.project_id, "map.renamed", details)
    return found


def delete_map(viewer: Viewer, map_id: int) -> None:
    """Remove a map with its arrays; a computation of it that still runs comes to nothing.

    Raises:
        NotFound: there is none, or `viewer` may not see it.
    """
    with writing() as session:
        found = _visible_map(session, viewer, map_id)
        details = {"name": found.name, "map": map_id}
        session.execute(sa.delete(Map).where(col(Map.id) == map_id))
        record(session, viewer, found.project_id, "map.deleted", details)


def _visible_map(session: Session, viewer: Viewer, map_id: int) -> Map:
    query = (
        select(Map)
        .join(Project, col(Project.id) == col(Map.project_id))
        .where(Map.id == map_id, visible_projects(viewer))
    )
    found = session.exec(query).first()
    if found is None:
        raise NotFound("maps.not_found", id=map_id)
    return found


def _usable_ids(
    session: Session,
    viewer: Viewer,
    project: Project,
    image_ids: Sequence[int] | npt.NDArray[np.int64],
    model_key: str,
) -> tuple[npt.NDArray[np.int64], int]:
    """Those of `image_ids` that have features, ascending, and how many have none."""
    query = (
        select(Image.id)
        .join(Embedding, col(Embedding.image_id) == col(Image.id))
        .where(
            Image.project_id == project.id,
            Embedding.model_key == model_key,
            visible_images(viewer),
        )
    )
    analysed = np.fromiter(session.exec(query), dtype=np.int64)
    asked = np.unique(np.asarray(image_ids, dtype=np.int64))
    usable = np.intersect1d(asked, analysed, assume_unique=True)
    left_out = len(asked) - len(usable)
    if len(usable) < MIN_IMAGES <= len(asked):
        raise UserError("maps.too_few_analysed", n=len(usable), left_out=left_out)
    return usable, left_out


def _default_name(method: str, dimensions: int, n: int) -> str:
    name = t(METHODS[method].name_key)
    return t("maps.default_name", method=name, dimensions=dimensions, n=n)


def _checked_name(name: str) -> str:
    clean = unicodedata.normalize("NFC", name).strip()
    if not clean:
        raise UserError("maps.name_missing")
    if len(clean) > _MAX_NAME:
        raise UserError("maps.name_too_long", limit=_MAX_NAME, n=len(clean))
    if any(unicodedata.category(character) == "Cc" for character in clean):
        raise UserError("maps.name_control")
    return clean


def _checked_seed(seed: int | None) -> int:
    if seed is None:
        return _DEFAULT_SEED
    if not 0 <= seed <= _MAX_SEED:
        raise UserError("maps.wrong_seed", value=seed, high=_MAX_SEED)
    return seed
