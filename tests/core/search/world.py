"""A small project of which everything is known, for comparing queries with plain Python."""

import random
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlmodel import Session

from core.accounts.access import Viewer
from core.analysis.tables import Box, Embedding, Prediction, Quality
from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.names import fold
from core.curation.tables import ImageTag, SavedSelection, SelectedImage, Tag
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.scores.tables import ImageScore

NAMES = ["Line-3/A_01.JPG", "line-3/a%02.png", "[x]*.jpg", "École.png", "카메라 1.bmp", "b\\c.tif"]
NAMES += [unicodedata.normalize("NFD", name) for name in ("école-2.jpg", "한글.png")]
TAGS = ["scratch", "Deep Scratch", "reviewed", "흠집", "Ä", "line", "Line/a", "line/a/b", "line_c"]
EXIF = [{}, {"ISOSpeedRatings": 800}, {"ISOSpeedRatings": 1600, "Software": "v2"}]
LABELS = ["cat", "Steel Drum", "dog", None]
ATTRIBUTES = [
    {}, {"line": "A-3"}, {"line": "a-3", "n": 2}, {"n": 2.5}, {"n": "2"}, {"ok": True},
    {"ok": False, "n": -1}, {"ok": "true"}, {"라인 1": "셋"}, {"line": ""}, {"n": None},
    {"day": "2024-10-14"}, {"day": "2024-10-31T08:15:00"}, {"day": "2024-11-01 07:00"},
    {"day": "2024-10-14x"}, {"day": "2023-99-99"}, {"day": 2024}, {"day": "yesterday"},
]  # fmt: skip


@dataclass
class Known:
    """One image as the test knows it."""

    image: Image
    batch: Batch
    tags: set[str] = field(default_factory=set)
    #: None: the project's model has not analysed it.
    prediction: tuple[str | None, float | None] | None = None
    other_model: bool = False
    boxes: set[str] = field(default_factory=set)
    #: Label, confidence and share of the picture of each box.
    measured: list[tuple[str, float, float]] = field(default_factory=list)
    selected: bool = False
    other_label: str | None = None
    #: Whether the project's model failed.
    failed: bool = False
    #: By field, as the query has them.
    measures: dict[str, float] = field(default_factory=dict)
    #: What people said: the class, and the boxes where they drew them all.
    said: str | None = None
    drawn: list[tuple[str, tuple[float, ...]]] | None = None
    #: Label and corners of the boxes that the model found.
    found: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)
    vector: tuple[float, ...] | None = None
    #: All images of the project.
    world: "list[Known]" = field(default_factory=list, repr=False)


#: Their cosines are far from every number that a test compares them with.
VECTORS = [(1, 0), (0, 1), (1, 1), (-1, 0), (5, 12), None]
STORED = [0.0, 0.1, 0.28, 0.29, 0.34, 0.5, 1.0]
#: Fields and columns of the scores of pictures; a score is 1 less the field.
FAULTS = {
    "blur": "blurry", "dark": "dark", "bright": "light", "low_contrast": "low_contrast",
    "low_information": "low_information", "odd_ratio": "odd_aspect_ratio", "grey": "grayscale",
}  # fmt: skip


def _picture(chance: random.Random, batch: Batch, number: int) -> Image:
    captured = datetime(2024, 10, 13, 22) + timedelta(hours=chance.randrange(0, 72))
    return Image(
        project_id=batch.project_id,
        batch_id=batch.id,
        name=chance.choice(NAMES),
        content_hash=f"{batch.project_id}-{number}",
        format=chance.choice(["JPEG", "PNG"]),
        width=chance.choice([640, 640, 640, 640, 800, 1920]),
        height=480,
        byte_size=chance.choice([999_999, 1_000_000, 1_048_576, 2_000_000_000]),
        captured_at=chance.choice([None, captured, datetime(2023, 12, 31, 23, 59, 59, 999999)]),
        camera=chance.choice([None, "EOS R5", "Basler"]),
        exif=chance.choice(EXIF),
        attributes=chance.choice(ATTRIBUTES),
        note=chance.choice(["", "", "Look again", "한 번 더", "100%_sure"]),
        uploaded_at=datetime(2024, 10, 14, 12, tzinfo=UTC) + timedelta(hours=chance.randrange(48)),
    )


def _analysed(chance: random.Random, known: Known) -> list[Any]:
    rows: list[Any] = []
    image_id = known.image.id
    if chance.random() < 0.8:
        label = chance.choice(LABELS)
        known.prediction = (label, None if label is None else chance.choice([0.2, 0.5, 0.7, 1.0]))
        known.failed = label is None and chance.random() < 0.5
        numbers = {name: chance.choice([None, 0.25, 0.75]) for name in ("entropy", "margin")}
        known.measures |= {name: n for name, n in numbers.items() if n is not None}
        if known.prediction[1] is not None:
            known.measures["conf"] = known.prediction[1]
        rows.append(Prediction(image_id=image_id, model_key="own", label=label, **numbers,
                               error="why" if known.failed else None,
                               confidence=known.prediction[1]))  # fmt: skip
    if chance.random() < 0.5:
        known.other_model = True
        known.other_label = chance.choice(["cat", "dog", None])
        rows.append(Prediction(image_id=image_id, model_key="other", label=known.other_label,
                               confidence=0.9, entropy=0.25))  # fmt: skip
    known.boxes = {label for label in ("person", "car") if chance.random() < 0.3}
    corners = {"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0, "confidence": 0.5}
    rows += [Box(image_id=image_id, model_key="own", label=b, **corners) for b in known.boxes]
    known.measured = [(label, 0.5, 1.0) for label in known.boxes]
    known.found = [(label, (0.0, 0.0, 1.0, 1.0)) for label in known.boxes]
    for _ in range(chance.choice([0, 0, 1, 3])):
        box = {"label": "dent", "confidence": chance.choice([0.3, 0.9])}
        side = chance.choice([0.25, 0.5])
        known.measured.append((box["label"], box["confidence"], side * side))
        known.boxes.add("dent")
        known.found.append(("dent", (0.5, 0.5, 0.5 + side, 0.5 + side)))
        rows.append(Box(image_id=image_id, model_key="own", **box, x0=0.5, y0=0.5, x1=0.5 + side,
                        y1=0.5 + side))  # fmt: skip
    rows.append(Box(image_id=image_id, model_key="other", label="tree", **corners))
    return rows


def _scored(chance: random.Random, known: Known) -> list[Any]:
    """Scores of the pixels and of the features; another model's are not the project's."""
    rows: list[Any] = []
    image_id = known.image.id
    if chance.random() < 0.8:
        stored = {column: chance.choice(STORED) for column in FAULTS.values()}
        known.measures |= {name: 1 - stored[column] for name, column in FAULTS.items()}
        rows.append(Quality(image_id=image_id, phash=0, **stored))
    if chance.random() < 0.8:
        shares = ("outlier", "novelty", "label_error")
        numbers: dict[str, Any] = {name: chance.choice([None, 0.1, 0.5, 0.97]) for name in shares}
        numbers["duplicate_group"] = chance.choice([None, 1, 2, 10])
        numbers["cluster"] = chance.choice([None, 0, 1, 12])
        for name, number in numbers.items():
            if number is not None:
                known.measures[name.removesuffix("_group")] = number
        rows.append(ImageScore(image_id=image_id, model_key="own", **numbers))
    rows.append(ImageScore(image_id=image_id, model_key="other", outlier=0.6, cluster=5))
    known.vector = chance.choice(VECTORS)
    vectors = {"own": known.vector, "other": (1.0, 0.0, 0.0)}
    for model, vector in vectors.items():
        if vector is not None:
            packed = np.array(vector, dtype="<f4").tobytes()
            rows.append(Embedding(image_id=image_id, model_key=model, vector=packed))
    return rows


def _annotated(chance: random.Random, known: Known, user: int) -> list[Any]:
    """What people say: a class, or all boxes, some of them as the model found them."""
    if chance.random() < 0.3:
        return []
    image_id = known.image.id
    known.said = chance.choice(["CAT", "dog", "Steel drum", None, None])
    if chance.random() < 0.6:
        known.drawn = list(known.found)
        if known.drawn and chance.random() < 0.4:
            known.drawn.pop()
        if chance.random() < 0.2:
            known.drawn.append(("Dent", (0.0, 0.0, 0.1, 0.1)))
    rows: list[Any] = [Annotation(image_id=image_id, label=known.said, source="hand",
                                  has_boxes=known.drawn is not None, updated_by=user)]  # fmt: skip
    for label, corners in known.drawn or []:
        named = dict(zip(("x0", "y0", "x1", "y1"), corners, strict=True))
        rows.append(AnnotatedBox(image_id=image_id, label=label, **named))
    return rows


def build(session: Session, viewer: Viewer, size: int = 80) -> tuple[Project, list[Known]]:
    """Write the project, and one beside it whose images no query may find."""
    chance = random.Random(7)
    project = _project(session, viewer, chance, "project", size)
    _project(session, viewer, chance, "beside", size)
    return project


def _project(
    session: Session, viewer: Viewer, chance: random.Random, name: str, size: int
) -> tuple[Project, list[Known]]:
    user = viewer.user_id
    project = Project(name=name, model_key="own", created_by=user)
    session.add(project)
    session.flush()
    assert project.id is not None
    batches = [Batch(project_id=project.id, name=n, created_by=user) for n in ("Monday", "night")]
    tags = [Tag(project_id=project.id, name=n, folded=fold(n), colour="#000000") for n in TAGS]
    saved = SavedSelection(project_id=project.id, name="Mine", folded="mine", created_by=user)
    session.add_all([*batches, *tags, saved])
    session.flush()
    known = []
    for number in range(size):
        batch = chance.choice(batches)
        known.append(Known(_picture(chance, batch, number), batch))
    session.add_all([each.image for each in known])
    session.flush()
    for each in known:
        each.world = known
        session.add_all(_analysed(chance, each))
        session.add_all([*_scored(chance, each), *_annotated(chance, each, user)])
        given = [tag for tag in tags if chance.random() < 0.25]
        each.tags = {tag.name for tag in given}
        session.add_all([ImageTag(tag_id=tag.id, image_id=each.image.id) for tag in given])
        if chance.random() < 0.3:
            each.selected = True
            session.add(SelectedImage(selection_id=saved.id, image_id=each.image.id))
    session.flush()
    return project, known
