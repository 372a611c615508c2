"""Maps as they were made: parameters, seed, image set and coordinates."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class Map(SQLModel, table=True):
    """An analysis: the features of some images reduced to 2D or 3D."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    name: str
    #: `umap`, `tsne` or `pca`.
    method: str
    dimensions: int
    #: The method's own parameters, e.g. {"neighbours": 15, "min_dist": 0.1}.
    params: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    seed: int
    model_key: str
    #: Where its images came from: {"kind": "query", "query": "tag:scratch"} and the like.
    source: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    image_count: int
    #: Trustworthiness and continuity in [0, 1]; None for maps made before they were measured.
    trustworthiness: float | None = None
    continuity: float | None = None
    #: Share of true neighbours in the neighbour graph: 1 where it is exact.
    recall: float | None = None
    #: Job that makes or made it.
    job_id: str
    created_at: datetime = Field(default_factory=now)
    created_by: int = Field(foreign_key="user.id")
    #: Set when its coordinates are stored.
    finished_at: datetime | None = None


class MapData(SQLModel, table=True):
    """A map's arrays, kept apart from its row so that a list of maps stays light."""

    __tablename__ = "map_data"

    map_id: int = Field(primary_key=True, foreign_key="map.id", ondelete="CASCADE")
    #: int64 (N,), little-endian.
    image_ids: bytes
    #: float32 (N, dimensions), little-endian; None until the job is done.
    coordinates: bytes | None = None
    #: float32 (N,): outlier score in [0, 1], higher is odder.
    outlier_scores: bytes | None = None
    #: float32 (N,): share of each image's true neighbours that are its neighbours on the map.
    neighbour_shares: bytes | None = None
    #: int32 (N,): cluster of each image, the largest is 0; -1: none.
    clusters: bytes | None = None
    #: uint8 (N,): 1 for images that came to the finished map; None: none did.
    added: bytes | None = None
