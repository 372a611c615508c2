"""A project's ground truth beside what a model said, in one numbering of the classes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Box, Prediction
from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.names import fold
from core.evaluation.detection import Boxes, same_boxes
from core.media.images import chunks
from core.media.tables import Image
from core.projects.tables import Project

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """Two classes of each image: the rows' and the columns' of a confusion matrix.

    Attributes:
        names: of the classes, in alphabetical order.
        image_ids: (N,) images that have both.
        rows: (N,) index into `names`, e.g. the true class.
        columns: (N,) likewise, e.g. the predicted one.
        unmatched: true classes that the model does not know, with their number of images.
        missing: images that have a row's class and no column's, e.g. not analysed.
    """

    names: tuple[str, ...]
    image_ids: Ints
    rows: Ints
    columns: Ints
    unmatched: dict[str, int]
    missing: int


@dataclass(frozen=True)
class TrueBoxes:
    """True and found boxes of the images whose boxes are annotated.

    Attributes:
        names: of the classes.
        image_ids: (N,) images, in the order of the other two.
        unmatched: true classes that the model does not know, with their number of boxes.
    """

    names: tuple[str, ...]
    image_ids: Ints
    truth: list[Boxes]
    found: list[Boxes]
    unmatched: dict[str, int]


def matcher(known: Iterable[str], renamed: Mapping[str, str]) -> "Matcher":
    """What finds the model's name of a true class: as it was said, or the same when folded."""
    return Matcher({fold(name): name for name in known}, dict(renamed))


@dataclass(frozen=True)
class Matcher:
    """The model's names by their folded form, and what people said of the others."""

    known: dict[str, str]
    renamed: dict[str, str]

    def __call__(self, name: str) -> str | None:
        """The model's name for a true class, None where it has none."""
        return self.known.get(fold(self.renamed.get(name, name)))


def true_labels(
    session: Session,
    viewer: Viewer,
    project: Project,
    model_key: str,
    known: Iterable[str],
    renamed: Mapping[str, str],
) -> Labels:
    """The images whose class people said, beside a classifier's class.

    Args:
        known: the model's class names.
        renamed: the model's name of true classes that are spelled otherwise.
    """
    truth = _said(session, viewer, project)
    predicted = _predicted(session, viewer, project, model_key)
    match = matcher(known, renamed)
    unmatched: Counter[str] = Counter()
    pairs: list[tuple[int, str, str]] = []
    missing = 0
    for image_id, label in truth.items():
        name = match(label)
        if name is None:
            unmatched[label] += 1
        elif image_id not in predicted:
            missing += 1
        else:
            pairs.append((image_id, name, predicted[image_id]))
    return _labels(pairs, dict(unmatched), missing)


def two_models(
    session: Session, viewer: Viewer, project: Project, first: str, second: str
) -> Labels:
    """The images that two models have analysed, with the class of each; None found is "–"."""
    a = _predicted(session, viewer, project, first)
    b = _predicted(session, viewer, project, second)
    pairs = [(image_id, a[image_id], b[image_id]) for image_id in a if image_id in b]
    return _labels(pairs, {}, len(a) - len(pairs))


NOTHING = "–"


def _labels(
    pairs: Sequence[tuple[int, str, str]], unmatched: dict[str, int], missing: int
) -> Labels:
    names = sorted({name for pair in pairs for name in pair[1:]})
    place = {name: index for index, name in enumerate(names)}
    table = np.array([(i, place[a], place[b]) for i, a, b in pairs], np.int64).reshape(-1, 3)
    return Labels(tuple(names), table[:, 0], table[:, 1], table[:, 2], unmatched, missing)


def _said(session: Session, viewer: Viewer, project: Project) -> dict[int, str]:
    query = (
        select(Annotation.image_id, Annotation.label)
        .join(Image, col(Image.id) == col(Annotation.image_id))
        .where(
            Image.project_id == project.id,
            visible_images(viewer),
            col(Annotation.label).is_not(None),
        )
    )
    return {image_id: label for image_id, label in session.exec(query) if label is not None}


def _predicted(
    session: Session, viewer: Viewer, project: Project, model_key: str
) -> dict[int, str]:
    query = (
        select(Prediction.image_id, Prediction.label)
        .join(Image, col(Image.id) == col(Prediction.image_id))
        .where(
            Image.project_id == project.id,
            visible_images(viewer),
            Prediction.model_key == model_key,
            col(Prediction.error).is_(None),
        )
    )
    return {image_id: label or NOTHING for image_id, label in session.exec(query)}


def true_boxes(
    session: Session,
    viewer: Viewer,
    project: Project,
    model_key: str,
    known: Iterable[str],
    renamed: Mapping[str, str],
) -> TrueBoxes:
    """The images whose boxes people drew, all of them or none, beside a detector's boxes.

    Images that the model has not analysed are left out. Arguments as in `true_labels`.
    """
    query = (
        select(Annotation.image_id)
        .join(Image, col(Image.id) == col(Annotation.image_id))
        .join(Prediction, col(Prediction.image_id) == col(Image.id))
        .where(
            Image.project_id == project.id,
            visible_images(viewer),
            col(Annotation.has_boxes),
            Prediction.model_key == model_key,
            col(Prediction.error).is_(None),
        )
        .order_by(col(Annotation.image_id))
    )
    ids = list(session.exec(query))
    match = matcher(known, renamed)
    unmatched: Counter[str] = Counter()
    drawn = _boxes(session, AnnotatedBox, ids, sa.true())
    given = _boxes(session, Box, ids, col(Box.model_key) == model_key)
    known_rows = []
    for image_id, label, confidence, corners in drawn:
        name = match(label)
        if name is None:
            unmatched[label] += 1
        else:
            known_rows.append((image_id, name, confidence, corners))
    rows = (_rows_by_image(known_rows), _rows_by_image(given))
    names = sorted({row[0] for side in rows for listed in side.values() for row in listed})
    place = {name: index for index, name in enumerate(names)}
    truth, found = ([_as_boxes(side.get(image_id, []), place) for image_id in ids] for side in rows)
    return TrueBoxes(tuple(names), np.array(ids, np.int64), truth, found, dict(unmatched))


def rightly_boxed(
    session: Session, image_ids: Sequence[int], model_key: str
) -> npt.NDArray[np.bool_]:
    """Whether a model found exactly the boxes that people drew in each image: bool (N,).

    As `same_boxes` compares them; classes of one name in any case are the same. Asks for no
    viewer: the ids have to be checked.
    """
    names: dict[str, int] = {}
    drawn, given = (
        _rows_by_image(_boxes(session, table, image_ids, condition))
        for table, condition in (
            (AnnotatedBox, sa.true()),
            (Box, col(Box.model_key) == model_key),
        )
    )
    for rows in (drawn, given):
        for listed in rows.values():
            listed[:] = [(fold(name), sure, corners) for name, sure, corners in listed]
            for name, _, _ in listed:
                names.setdefault(name, len(names))
    pairs = (
        (_as_boxes(drawn.get(i, []), names), _as_boxes(given.get(i, []), names)) for i in image_ids
    )
    return np.array([same_boxes(truth, found) for truth, found in pairs], dtype=np.bool_)


def _boxes(
    session: Session,
    table: type[Box] | type[AnnotatedBox],
    ids: Sequence[int],
    condition: sa.ColumnElement[bool],
) -> list[tuple[int, str, float, list[float]]]:
    rows = []
    for part in chunks(ids):
        confidence = col(Box.confidence) if table is Box else sa.literal(1.0)
        query = (
            sa.select(
                *(col(table.image_id), col(table.label), confidence),
                *(col(table.x0), col(table.y0), col(table.x1), col(table.y1)),
            )
            .where(col(table.image_id).in_(part), condition)
            .order_by(col(table.id))
        )
        for image_id, label, sure, *corners in session.execute(query):
            rows.append((image_id, label, sure, corners))
    return rows


def _rows_by_image(
    rows: Iterable[tuple[int, str, float, list[float]]],
) -> dict[int, list[tuple[str, float, list[float]]]]:
    found: dict[int, list[tuple[str, float, list[float]]]] = {}
    for image_id, name, sure, corners in rows:
        found.setdefault(image_id, []).append((name, sure, corners))
    return found


def _as_boxes(rows: Sequence[tuple[str, float, list[float]]], place: dict[str, int]) -> Boxes:
    return Boxes(
        np.array([row[2] for row in rows], np.float64).reshape(-1, 4),
        np.array([place[row[0]] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.float64),
    )


def project_models(session: Session, viewer: Viewer, project: Project) -> dict[str, int]:
    """How many of a project's images each model has analysed; the project's own comes first."""
    query = (
        select(Prediction.model_key, sa.func.count(col(Prediction.image_id)))
        .join(Image, col(Image.id) == col(Prediction.image_id))
        .where(Image.project_id == project.id, visible_images(viewer))
        .group_by(col(Prediction.model_key))
        .order_by(col(Prediction.model_key))
    )
    counts = dict(session.exec(query).all())
    return {project.model_key: counts.pop(project.model_key, 0), **counts}
