"""Reading annotations: of one image, and the classes that people have used."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.annotations.states import Drawn, read_drawn
from core.annotations.tables import AnnotatedBox, Annotation
from core.media.tables import Image
from core.models.cards import all_cards
from core.projects.tables import Project


def image_annotation(session: Session, viewer: Viewer, image_id: int) -> Annotation | None:
    """What people say of an image that the viewer may see; None where nobody said anything."""
    query = (
        select(Annotation)
        .join(Image, col(Image.id) == col(Annotation.image_id))
        .where(Annotation.image_id == image_id, visible_images(viewer))
    )
    return session.exec(query).first()


def image_drawn(session: Session, viewer: Viewer, image_id: int) -> tuple[Drawn, ...] | None:
    """The boxes of an image in the order they were drawn; None: nobody said which there are."""
    said = image_annotation(session, viewer, image_id)
    if said is None or not said.has_boxes:
        return None
    return read_drawn(session, np.array([image_id])).get(image_id, ())


def offered_classes(session: Session, viewer: Viewer, project: Project) -> list[str]:
    """Classes to choose from: those that people used in the project, then the model's others."""
    used = sorted(
        {
            label
            for table in (Annotation, AnnotatedBox)
            for label in _used(session, viewer, project, table)
        },
        key=str.casefold,
    )
    card = all_cards(session).get(project.model_key)
    return list(dict.fromkeys([*used, *(card.classes if card is not None else ())]))


def _used(
    session: Session, viewer: Viewer, project: Project, table: type[Annotation | AnnotatedBox]
) -> Iterable[str]:
    # Steps from each label to the next one in the index, so that a million rows cost what their
    # few distinct labels cost.
    label = col(table.label)
    first: Any = sa.select(sa.func.min(label).label("label"))
    steps = first.cte("steps", recursive=True)
    after = sa.select(sa.func.min(label)).where(label > steps.c.label).scalar_subquery()
    steps = steps.union_all(sa.select(after).where(steps.c.label.is_not(None)))
    here = (
        sa.exists()
        .where(label == steps.c.label, col(table.image_id) == col(Image.id))
        .where(col(Image.project_id) == project.id, visible_images(viewer))
    )
    return session.execute(sa.select(steps.c.label).where(here)).scalars()
