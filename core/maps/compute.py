"""The long part of making a map; runs in the worker."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlmodel import Session

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.database import now, reading, writing
from core.errors import NotFound, UserError
from core.history import record
from core.i18n import t
from core.jobs.context import Cancelled
from core.maps.clusters import clusters
from core.maps.features import features, unit_length, usable_rows
from core.maps.methods import METHODS, MIN_IMAGES, validate
from core.maps.neighbours import nearest_neighbours
from core.maps.outliers import NEIGHBOURS, outlier_scores
from core.maps.quality import Quality, map_quality
from core.maps.reduction import graph_size, reduce
from core.maps.tables import Map, MapData

#: Told the key of a stage's text, how much of it is done, and of how much (None: not known).
Progress = Callable[[str, int, int | None], None]
#: Whether somebody asked to stop.
CancelAsked = Callable[[], bool]


#: What outlier scores, clusters and quality look at, whatever the method needs.
_LEAST_NEIGHBOURS = 30


@dataclass(frozen=True)
class _Result:
    image_ids: npt.NDArray[np.int64]
    coordinates: npt.NDArray[np.float32]
    outlier_scores: npt.NDArray[np.float32]
    clusters: npt.NDArray[np.int32]
    quality: Quality
    recall: float


def compute_map(map_id: int, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Compute a map's coordinates and outlier scores and store them in one transaction.

    Does nothing for a map that is finished already. Images that lost their features since, or
    whose features are not finite numbers, are left out and counted in `source["left_out"]`.
    `cancelled` is asked between the stages, and while neighbours are searched or a method runs.

    Raises:
        Cancelled: `cancelled` said so; nothing is stored.
        NotFound: there is no such map, or it was deleted meanwhile.
        UserError: fewer than ten usable images are left (`maps.too_few_analysed`), or too few for
            a parameter.
    """
    with reading() as session:
        found, data = _load(session, map_id)
    if found.finished_at is None:
        ids = np.frombuffer(data.image_ids, dtype="<i8").astype(np.int64)
        result = _compute(found, ids, progress, cancelled)
        progress("maps.stage.store", 0, None)
        _store(map_id, result)


def _load(session: Session, map_id: int) -> tuple[Map, MapData]:
    found, data = session.get(Map, map_id), session.get(MapData, map_id)
    if found is None or data is None:
        raise NotFound("maps.not_found", id=map_id)
    return found, data


def _compute(
    found: Map,
    image_ids: npt.NDArray[np.int64],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> _Result:
    def enter(stage: str) -> Callable[[int, int], None]:
        def step(done: int, total: int | None) -> None:
            if cancelled():
                raise Cancelled
            progress(stage, done, total)

        step(0, None)
        return step

    enter("maps.stage.features")
    with reading() as session:
        matrix = features(session, image_ids, found.model_key)
    usable = usable_rows(matrix)
    n = int(usable.sum())
    if n < MIN_IMAGES:
        raise UserError("maps.too_few_analysed", n=n, left_out=len(usable) - n)
    params = validate(found.method, found.dimensions, found.params, n)
    matrix = unit_length(matrix if n == len(matrix) else matrix[usable])

    step = enter("maps.stage.neighbours")
    k = max(graph_size(found.method, params), min(_LEAST_NEIGHBOURS, n - 1))
    neighbours = nearest_neighbours(matrix, k, step)
    scores = outlier_scores(neighbours.first(NEIGHBOURS).distances)

    step = enter(f"maps.stage.{found.method}")
    coordinates = reduce(
        matrix, found.method, found.dimensions, params, found.seed, neighbours, step
    )
    enter("maps.stage.quality")
    quality = map_quality(matrix, coordinates, neighbours)
    groups = clusters(neighbours)
    if cancelled():
        raise Cancelled
    return _Result(image_ids[usable], coordinates, scores, groups, quality, neighbours.recall)


def _store(map_id: int, result: _Result) -> None:
    with writing() as session:
        found, data = _load(session, map_id)
        if found.finished_at is not None:
            return
        left_out = found.source["left_out"] + found.image_count - len(result.image_ids)
        data.image_ids = result.image_ids.astype("<i8").tobytes()
        data.coordinates = result.coordinates.astype("<f4").tobytes()
        data.outlier_scores = result.outlier_scores.astype("<f4").tobytes()
        data.neighbour_shares = result.quality.shares.astype("<f4").tobytes()
        data.clusters = result.clusters.astype("<i4").tobytes()
        found.trustworthiness = result.quality.trustworthiness
        found.continuity = result.quality.continuity
        found.recall = result.recall
        found.source = {**found.source, "left_out": left_out}
        found.image_count = len(result.image_ids)
        found.finished_at = now()
        user = session.get(User, found.created_by)
        assert user is not None
        details = {
            "map": map_id,
            "name": found.name,
            "method": t(METHODS[found.method].name_key),
            "n": found.image_count,
        }
        viewer = Viewer(found.created_by, user.name)
        record(session, viewer, found.project_id, "map.created", details)
