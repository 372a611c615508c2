"""Giving images what was read of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.analysis.results import insert_rows
from core.analysis.tables import Embedding
from core.annotations import MAX_BOXES, Drawn, clipped, set_boxes, set_labels
from core.curation.attributes import Value, checked_value, set_values, types_of
from core.curation.field_types import FieldType, fit
from core.curation.names import checked_name
from core.curation.scope import among, touchable
from core.curation.tags import add_tag
from core.database import reading, writing
from core.errors import UserError
from core.history import record
from core.imports.facts import BoxFact, Fact, Problem, Vector
from core.imports.given import Given
from core.imports.tables import VECTORS
from core.media.tables import Image

MAX_NUMBERS = 16_384  # of a vector
TOO_MANY_BOXES = "annotations.too_many_boxes"  # of one image: why none of them is taken
_OTHER_SHAPE = 0.03  # by which the sides' ratio may differ, as whole pixels of a small copy do


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
    #: Images of whose boxes some cannot be.
    partly: set[int] = field(default_factory=set)
    vectors: dict[int, Vector] = field(default_factory=dict)


def apply(
    viewer: Viewer, project_id: int, name: str, matched: Iterable[tuple[int, Fact]]
) -> tuple[Given, list[Problem]]:
    """Set metadata, tags, classes, boxes and vectors of images, each as one change.

    What stands already is replaced where the facts say something else; classes and boxes become
    the images' ground truth. Where facts disagree about an image the first one counts. A second
    call with the same facts changes nothing.

    Args:
        name: of the file, which imported vectors are called by.

    Returns:
        What the images have by it, whether new or not, and what could not be taken over, such as
        values that do not fit their field's type.

    Raises:
        UserError: an image would have more fields than it may.
    """
    problems: list[Problem] = []
    with reading() as session:
        types = types_of(session, project_id)
    gathered = _gather(matched, types, problems)
    drawn = _shares(gathered, problems)
    if gathered.attributes:
        set_values(viewer, project_id, gathered.attributes)
    for tag, images in gathered.tags.items():
        add_tag(viewer, project_id, tag, images)
    if gathered.labels:
        set_labels(viewer, project_id, gathered.labels, "import")
    if drawn:
        set_boxes(viewer, project_id, drawn, "import")
    if gathered.vectors:
        _store_vectors(viewer, project_id, name, gathered.vectors)
    return _given(gathered, drawn), problems


def _given(gathered: _Gathered, drawn: Mapping[int, list[Drawn]]) -> Given:
    return Given(
        fields=len({name for values in gathered.attributes.values() for name in values}),
        tags=len(gathered.tags),
        classes=len(gathered.labels),
        boxes=sum(map(len, drawn.values())),
        empty=sum(not boxes for boxes in drawn.values()),
        vectors=len(gathered.vectors),
    )


def _gather(
    matched: Iterable[tuple[int, Fact]], types: Mapping[str, FieldType], problems: list[Problem]
) -> _Gathered:
    gathered = _Gathered()
    length: int | None = None
    for image_id, fact in matched:
        _add_values(gathered.attributes[image_id], fact, types, problems)
        for tag in fact.tags:
            if _is_name(tag, fact, problems):
                gathered.tags[tag].add(image_id)
        if fact.label and _is_name(fact.label, fact, problems):
            kept = gathered.labels.setdefault(image_id, fact.label)
            if kept != fact.label:
                said = {"kept": kept, "label": fact.label}
                reason = "imports.problem.several_classes"
                problems.append(Problem(fact.name, fact.place, reason, said))
        if fact.boxes is not None:
            drawn = [box for box in fact.boxes if _is_name(box.label, fact, problems)]
            gathered.boxes[image_id].extend((fact, box) for box in drawn)
            gathered.partly |= {image_id} if len(drawn) < len(fact.boxes) else set()
        if fact.vector is not None:
            length = length or len(fact.vector)
            if len(fact.vector) == length <= MAX_NUMBERS:
                kept_vector = gathered.vectors.setdefault(image_id, fact.vector)
                if not np.array_equal(kept_vector, fact.vector):
                    reason = "imports.problem.vector_twice"
                    problems.append(Problem(fact.name, fact.place, reason))
            else:
                params = {"n": len(fact.vector), "wanted": min(length, MAX_NUMBERS)}
                reason = "imports.problem.vector_length"
                problems.append(Problem(fact.name, fact.place, reason, params))
    gathered.attributes = defaultdict(
        dict, {image_id: values for image_id, values in gathered.attributes.items() if values}
    )
    return gathered


def _add_values(
    values: dict[str, Value],
    fact: Fact,
    types: Mapping[str, FieldType],
    problems: list[Problem],
) -> None:
    """Add the fields of a fact whose values fit the types that the project has declared."""
    for name, value in fact.attributes.items():
        try:
            fitting = checked_value(name, fit(types.get(name), name, value))
        except UserError as error:
            problems.append(Problem(fact.name, fact.place, error.key, error.params))
            continue
        kept = values.setdefault(name, fitting)
        if kept != fitting:
            params = {"field": name, "kept": kept, "value": fitting}
            problems.append(Problem(fact.name, fact.place, "imports.problem.twice", params))


def _is_name(name: str, fact: Fact, problems: list[Problem]) -> bool:
    try:
        checked_name(name)
    except UserError as error:
        problems.append(Problem(fact.name, fact.place, error.key, error.params))
        return False
    return True


def _shares(gathered: _Gathered, problems: list[Problem]) -> dict[int, list[Drawn]]:
    """Corners as shares of the picture's size, without what lies outside the picture.

    An image of whose boxes none can be is left out: they are no sign that it has none.
    """
    with reading() as session:
        ids = list(gathered.boxes)
        query = select(Image.id, Image.width, Image.height).where(among(Image.id, ids))
        sizes = {image_id: (width, height) for image_id, width, height in session.exec(query)}
    found: dict[int, list[Drawn]] = {}
    for image_id, drawn in gathered.boxes.items():
        kept: list[Drawn] = []
        for fact, box in drawn:
            share = _share(box, sizes.get(image_id, (1, 1)))
            if isinstance(share, Problem):
                problems.append(replace(share, name=fact.name, place=box.place or fact.place))
            else:
                kept.append(share)
        if len(kept) > MAX_BOXES:
            limit: dict[str, object] = {"n": len(kept), "most": MAX_BOXES}
            # Under each of the names by which the file, or one of several, calls the image.
            for name, place in {fact.name: fact.place for fact, _ in reversed(drawn)}.items():
                problems.append(Problem(name, place, TOO_MANY_BOXES, limit))
        elif kept or not (drawn or image_id in gathered.partly):
            found[image_id] = kept
    return found


def _share(box: BoxFact, present: tuple[int, int]) -> Drawn | Problem:
    """A box as shares of the picture, or why it can be none.

    Args:
        present: width and height of the image, which may be a smaller copy of what was labelled.
    """
    across, down = (box.size or present) if box.pixels else (1, 1)
    one, other = across * present[1], down * present[0]
    if box.pixels and abs(one - other) > _OTHER_SHAPE * max(one, other):
        sizes = {"theirs": f"{across:g} × {down:g}", "ours": f"{present[0]} × {present[1]}"}
        return Problem("", "", "imports.problem.other_picture_size", sizes)
    if not (box.x0 < box.x1 and box.y0 < box.y1):
        return Problem("", "", "imports.problem.no_area")
    inside = clipped((box.label, box.x0 / across, box.y0 / down, box.x1 / across, box.y1 / down))
    if inside is None:
        corners = ", ".join(f"{n:.6g}" for n in (box.x0, box.y0, box.x1, box.y1))
        return Problem("", "", "imports.problem.outside_at", {"corners": corners})
    return inside


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
