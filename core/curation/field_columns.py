"""Any field of the images as one value for each: batch, camera, dates, size, people's metadata."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.curation.columns import Ids
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project

#: What every image has by itself; a name people gave to a field comes after `ATTRIBUTE`.
FIELDS = ("batch", "camera", "captured", "uploaded", "format", "width", "height", "bytes")
ATTRIBUTE = "attribute:"

_COLUMNS: dict[str, Any] = {
    "batch": Image.batch_id,
    "camera": Image.camera,
    "captured": Image.captured_at,
    "uploaded": Image.uploaded_at,
    "format": Image.format,
    "width": Image.width,
    "height": Image.height,
    "bytes": Image.byte_size,
}


@dataclass(frozen=True, eq=False)
class FieldColumn:
    """The values of a field.

    Args:
        kind: what `texts` or `numbers` hold; dates are numbers: seconds since 1970, UTC, and for
            a camera's own time, which knows no zone, as if it were UTC.
        texts: N labels, None where there is none; empty for numbers and dates.
        numbers: float64 (N,), NaN where there is none; empty for texts.
    """

    kind: Literal["text", "number", "date"]
    texts: list[str | None]
    numbers: npt.NDArray[np.float64]


def field_names(session: Session, viewer: Viewer, project: Project, image_ids: Ids) -> list[str]:
    """The fields that at least one of the images has, `FIELDS` first.

    Args:
        image_ids: int64 (N,).
    """
    wanted = set(image_ids.tolist())
    query = select(Image.id, Image.camera, Image.captured_at, Image.attributes).where(
        Image.project_id == project.id, visible_images(viewer)
    )
    found = [row[1:] for row in session.exec(query) if row[0] in wanted]
    absent = set()
    if all(camera is None for camera, _, _ in found):
        absent.add("camera")
    if all(captured is None for _, captured, _ in found):
        absent.add("captured")
    attributes = {name for _, _, values in found for name in values}
    present = [name for name in FIELDS if name not in absent]
    return [*present, *(f"{ATTRIBUTE}{name}" for name in sorted(attributes))]


def field_column(
    session: Session, viewer: Viewer, project: Project, name: str, image_ids: Ids
) -> FieldColumn:
    """The value of a field for each image; images that `viewer` may not see have none.

    An attribute counts as a number if all its values are numbers.

    Args:
        name: one of `field_names`.
        image_ids: int64 (N,).

    Raises:
        KeyError: there is no field of this name.
    """
    column = Image.attributes if name.startswith(ATTRIBUTE) else _COLUMNS[name]
    query = select(Image.id, column).where(Image.project_id == project.id, visible_images(viewer))
    found: dict[Any, Any] = dict(session.exec(query).all())
    values = [found.get(image_id) for image_id in image_ids.tolist()]
    if name.startswith(ATTRIBUTE):
        key = name.removeprefix(ATTRIBUTE)
        values = [(attributes or {}).get(key) for attributes in values]
    elif name == "batch":
        values = _batch_names(session, project, values)
    return _column(values)


def _batch_names(session: Session, project: Project, batch_ids: Sequence[Any]) -> list[Any]:
    """Batches by name; of several with one name each says its number too."""
    query = select(Batch.id, Batch.name).where(col(Batch.project_id) == project.id)
    names: dict[int | None, str] = dict(session.exec(query).all())
    often = {name for name in names.values() if list(names.values()).count(name) > 1}
    shown = {i: f"{name} ({i})" if name in often else name for i, name in names.items()}
    return [shown.get(batch_id) for batch_id in batch_ids]


def _column(values: list[Any]) -> FieldColumn:
    known = [value for value in values if value is not None]
    nothing = np.empty(0, dtype=np.float64)
    if known and all(isinstance(value, datetime) for value in known):
        return FieldColumn("date", [], _numbers([_seconds(value) for value in values]))
    if known and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known):
        return FieldColumn("number", [], _numbers(values))
    return FieldColumn("text", [None if v is None else str(v) for v in values], nothing)


def _numbers(values: list[Any]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _seconds(moment: datetime | None) -> float | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
