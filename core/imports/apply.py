"""Giving images what was read of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.analysis.results import insert_rows
from core.analysis.tables import Embedding
from core.annotations import Drawn, clipped, set_boxes, set_labels
from core.curation.attributes import Value, set_values, types_of
from core.curation.field_types import FieldType, fit
from core.curation.names import checked_name
from core.curation.scope import among, touchable
from core.curation.tags import add_tag
from core.database import reading, writing
from core.errors import UserError
from core.history import record
from core.imports.facts import BoxFact, Fact, Problem, Vector
from core.imports.tables import VECTORS
from core.media.tables import Image

MAX_NUMBERS = 16_384  # of a vector


@dataclass
class _Gathered:
    """All that several facts say, by image."""

    attributes: defaultdict[int, dict[str, Value]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    tags: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    labels: dict[int, str] = field(default_factory=dict)
    boxes: defaultdict[int, list[tuple[Fact, BoxFact]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    vectors: dict[int, Vector] = field(default_factory=dict)


def apply(
    viewer: Viewer, project_id: int, name: str, matched: Iterable[tuple[int, Fact]]
) -> list[Problem]:
    """Set metadata, tags, classes, boxes and vectors of images, each as one change.

    What stands already is replaced where the facts say something else; classes and boxes become
    the images' ground truth. A second call with the same facts changes nothing.

    Args:
        name: of the file, which imported vectors are called by.

    Returns:
        What could not be taken over, such as values that do not fit their field's type.

    Raises:
        UserError: a field's value cannot be kept.
    """
    problems: list[Problem] = []
    with reading() as session:
        types = types_of(session, project_id)
    gathered = _gather(matched, types, problems)
    if gathered.attributes:
        set_values(viewer, project_id, gathered.attributes)
    for tag, images in gathered.tags.items():
        add_tag(viewer, project_id, tag, images)
    if gathered.labels:
        set_labels(viewer, project_id, gathered.labels, "import")
    if gathered.boxes:
        set_boxes(viewer, project_id, _shares(gathered.boxes, problems), "import")
    if gathered.vectors:
        _store_vectors(viewer, project_id, name, gathered.vectors)
    return problems


def _gather(
    matched: Iterable[tuple[int, Fact]], types: Mapping[str, FieldType], problems: list[Problem]
) -> _Gathered:
    gathered = _Gathered()
    length: int | None = None
    for image_id, fact in matched:
        gathered.attributes[image_id].update(_fitting(fact, types, problems))
        for tag in fact.tags:
            if _is_name(tag, fact, problems):
                gathered.tags[tag].add(image_id)
        if fact.label and _is_name(fact.label, fact, problems):
            gathered.labels[image_id] = fact.label
        if fact.boxes is not None:
            drawn = [box for box in fact.boxes if _is_name(box.label, fact, problems)]
            gathered.boxes[image_id].extend((fact, box) for box in drawn)
        if fact.vector is not None:
            length = length or len(fact.vector)
            if len(fact.vector) == length <= MAX_NUMBERS:
                gathered.vectors[image_id] = fact.vector
            else:
                params = {"n": len(fact.vector), "wanted": min(length, MAX_NUMBERS)}
                reason = "imports.problem.vector_length"
                problems.append(Problem(fact.name, fact.place, reason, params))
    gathered.attributes = defaultdict(
        dict, {image_id: values for image_id, values in gathered.attributes.items() if values}
    )
    return gathered


def _fitting(
    fact: Fact, types: Mapping[str, FieldType], problems: list[Problem]
) -> dict[str, Value]:
    """The fields of a fact whose values fit the types that the project has declared."""
    values: dict[str, Value] = {}
    for name, value in fact.attributes.items():
        try:
            values[name] = fit(types.get(name), name, value)
        except UserError as error:
            problems.append(Problem(fact.name, fact.place, error.key, error.params))
    return values


def _is_name(name: str, fact: Fact, problems: list[Problem]) -> bool:
    try:
        checked_name(name)
    except UserError as error:
        problems.append(Problem(fact.name, fact.place, error.key, error.params))
        return False
    return True


def _shares(
    boxes: Mapping[int, list[tuple[Fact, BoxFact]]], problems: list[Problem]
) -> dict[int, list[Drawn]]:
    """Corners as shares of the picture's size, without what lies outside the picture."""
    with reading() as session:
        query = select(Image.id, Image.width, Image.height).where(among(Image.id, list(boxes)))
        sizes = {image_id: (width, height) for image_id, width, height in session.exec(query)}
    found: dict[int, list[Drawn]] = {}
    for image_id, drawn in boxes.items():
        width, height = sizes.get(image_id, (1, 1))
        kept: list[Drawn] = []
        for fact, box in drawn:
            across, down = (width, height) if box.pixels else (1, 1)
            corners = (box.x0 / across, box.y0 / down, box.x1 / across, box.y1 / down)
            inside = clipped((box.label, *corners))
            if inside is None:
                reason = "imports.problem.outside"
                problems.append(Problem(fact.name, fact.place, reason))
            else:
                kept.append(inside)
        if kept or not drawn:
            found[image_id] = kept
    return found


def _store_vectors(
    viewer: Viewer, project_id: int, name: str, vectors: Mapping[int, Vector]
) -> None:
    key = f"{VECTORS}{name}"
    with writing() as session:
        allowed = sa.select(col(Image.id)).where(touchable(viewer, project_id, list(vectors)))
        ids = session.execute(allowed).scalars().all()
        same = _same_vectors(session, key, ids, vectors)
        changed = [image_id for image_id in ids if image_id is not None and image_id not in same]
        if not changed:
            return
        stale = sa.and_(col(Embedding.model_key) == key, among(Embedding.image_id, changed))
        session.execute(sa.delete(Embedding).where(stale))
        rows: list[dict[str, object]] = [
            {
                "image_id": image_id,
                "model_key": key,
                "vector": np.ascontiguousarray(vectors[image_id], dtype="<f4").tobytes(),
            }
            for image_id in changed
        ]
        insert_rows(session, Embedding, rows)
        record(session, viewer, project_id, "vectors.imported", {"name": name}, changed)


def _same_vectors(
    session: Session, key: str, ids: Iterable[int | None], vectors: Mapping[int, Vector]
) -> set[int]:
    """Images that have exactly these numbers already."""
    query = select(Embedding.image_id, Embedding.vector).where(
        Embedding.model_key == key, among(Embedding.image_id, [i for i in ids if i is not None])
    )
    return {
        image_id
        for image_id, stored in session.exec(query)
        if stored == np.ascontiguousarray(vectors[image_id], dtype="<f4").tobytes()
    }
