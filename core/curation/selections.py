"""Selections: sets of images that every view takes and gives, and those that are kept by name."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images, visible_projects
from core.changes import PART
from core.curation.names import checked_name, fold
from core.curation.scope import Ids, among, touchable, visible_project
from core.curation.tables import SavedSelection, SelectedImage
from core.database import now, writing
from core.errors import NotFound, UserError
from core.history import Change, inverse_of, pack_ids, record, unpack_ids
from core.history.tables import Event
from core.media.tables import Image
from core.projects.tables import Project


@dataclass(frozen=True)
class Selection:
    """A set of images with its provenance: what every view accepts and can produce."""

    #: int64 (N,).
    image_ids: np.ndarray
    #: How it came about: {"kind": "lasso", "map": 3}, {"kind": "query", "query": "tag:a"}, ...
    provenance: dict[str, Any] = field(default_factory=dict)


def selections(
    session: Session, viewer: Viewer, project: Project
) -> list[tuple[SavedSelection, int]]:
    """A project's saved selections by name, each with the number of its visible images."""
    visible = sa.select(col(Image.id)).where(visible_images(viewer))
    counted = (
        sa.select(sa.func.count())
        .where(
            col(SelectedImage.selection_id) == col(SavedSelection.id),
            col(SelectedImage.image_id).in_(visible),
        )
        .scalar_subquery()
    )
    query = (
        sa.select(SavedSelection, counted)
        .where(col(SavedSelection.project_id) == project.id)
        .order_by(col(SavedSelection.folded))
    )
    return [(saved, number) for saved, number in session.execute(query)]


def selection_ids(session: Session, viewer: Viewer, selection_id: int) -> np.ndarray:
    """The visible images of a saved selection: int64 (N,), ascending. Raises NotFound."""
    _saved(session, viewer, selection_id)
    query = (
        sa.select(col(Image.id))
        .join(SelectedImage, col(SelectedImage.image_id) == col(Image.id))
        .where(col(SelectedImage.selection_id) == selection_id, visible_images(viewer))
        .order_by(col(Image.id))
    )
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def save_selection(
    viewer: Viewer,
    project_id: int,
    name: str,
    image_ids: Ids,
    provenance: Mapping[str, Any],
    *,
    replace: bool = False,
) -> SavedSelection:
    """Keep a set of images under a name, so that `in:"name"` finds them.

    Ids of other projects and of images that the viewer may not see are passed over. Raises
    UserError for an unfit name, for one that is taken unless `replace`, and when no image is left.
    """
    stored = checked_name(name)
    with writing() as session:
        visible_project(session, viewer, project_id)
        query = sa.select(col(Image.id)).where(touchable(viewer, project_id, image_ids))
        kept = np.fromiter(session.execute(query).scalars(), dtype=np.int64)
        if not len(kept):
            raise UserError("curation.selection_empty", name=stored)
        saved = _by_name(session, project_id, stored)
        if saved is not None and not replace:
            raise UserError("curation.selection_exists", name=stored)
        replaced = None if saved is None else _snapshot(saved, _all_ids(session, saved))
        snapshot = {
            "name": stored,
            "provenance": dict(provenance),
            "created_at": now().isoformat(),
            "created_by": viewer.user_id,
        }
        saved = _write(session, project_id, saved, snapshot, kept)
        details = {"name": stored, "replaced": replaced}
        record(session, viewer, project_id, "selection.saved", details, kept)
        return saved


def delete_selection(viewer: Viewer, selection_id: int) -> Event:
    """Forget a saved selection; its images stay. Raises NotFound."""
    with writing() as session:
        saved = _saved(session, viewer, selection_id)
        change = _delete(session, saved)
        return record(
            session, viewer, saved.project_id, change.kind, change.details, change.image_ids
        )


@inverse_of("selection.saved")
def _unsave(session: Session, _viewer: Viewer, event: Event) -> Change:
    name, replaced = event.details["name"], event.details.get("replaced")
    saved = _by_name(session, event.project_id, name)
    if saved is None:
        raise NotFound("curation.no_selection", name=name)
    present = _all_ids(session, saved)
    if len(np.setdiff1d(present, unpack_ids(event.image_ids))):
        raise UserError("curation.selection_changed", name=name)
    if replaced is None:
        return _delete(session, saved)
    details = {"name": replaced["name"], "replaced": _snapshot(saved, present)}
    kept = unpack_ids(base64.b64decode(replaced["image_ids"]))
    saved = _write(session, event.project_id, saved, replaced, kept)
    return Change("selection.saved", details, _all_ids(session, saved))


@inverse_of("selection.deleted")
def _undelete(session: Session, _viewer: Viewer, event: Event) -> Change:
    deleted = event.details["deleted"]
    if _by_name(session, event.project_id, deleted["name"]) is not None:
        raise UserError("curation.selection_exists", name=deleted["name"])
    saved = _write(session, event.project_id, None, deleted, unpack_ids(event.image_ids))
    details = {"name": saved.name, "replaced": None}
    return Change("selection.saved", details, _all_ids(session, saved))


def _saved(session: Session, viewer: Viewer, selection_id: int) -> SavedSelection:
    saved = session.exec(
        select(SavedSelection)
        .join(Project, col(Project.id) == col(SavedSelection.project_id))
        .where(col(SavedSelection.id) == selection_id, visible_projects(viewer))
    ).first()
    if saved is None:
        raise NotFound("curation.no_selection", name=selection_id)
    return saved


def _by_name(session: Session, project_id: int, name: str) -> SavedSelection | None:
    return session.exec(
        select(SavedSelection).where(
            SavedSelection.project_id == project_id, SavedSelection.folded == fold(name)
        )
    ).first()


def _all_ids(session: Session, saved: SavedSelection) -> np.ndarray:
    query = select(SelectedImage.image_id).where(SelectedImage.selection_id == saved.id)
    return np.fromiter(session.exec(query), dtype=np.int64)


def _snapshot(saved: SavedSelection, image_ids: np.ndarray) -> dict[str, Any]:
    """All that is needed to write a selection again."""
    return {**_described(saved), "image_ids": base64.b64encode(pack_ids(image_ids)).decode()}


def _described(saved: SavedSelection) -> dict[str, Any]:
    return {
        "name": saved.name,
        "provenance": saved.provenance,
        "created_at": saved.created_at.isoformat(),
        "created_by": saved.created_by,
    }


def _write(
    session: Session,
    project_id: int,
    saved: SavedSelection | None,
    snapshot: Mapping[str, Any],
    image_ids: np.ndarray,
) -> SavedSelection:
    """Write a selection, over `saved` if there is one, with those images that still exist."""
    described = {
        "name": snapshot["name"],
        "folded": fold(snapshot["name"]),
        "provenance": snapshot["provenance"],
        "created_at": datetime.fromisoformat(snapshot["created_at"]),
        "created_by": snapshot["created_by"],
    }
    if saved is None:
        saved = SavedSelection(project_id=project_id, **described)
    else:
        for name, value in described.items():
            setattr(saved, name, value)
    session.add(saved)
    session.flush()
    session.execute(
        sa.delete(SelectedImage)
        .where(col(SelectedImage.selection_id) == saved.id)
        .execution_options(synchronize_session=False, **{PART: saved.id})
    )
    rows = sa.select(sa.literal(saved.id), col(Image.id)).where(among(Image.id, image_ids))
    insert = sa.insert(SelectedImage).from_select(["selection_id", "image_id"], rows)
    session.execute(insert, execution_options={PART: saved.id})
    return saved


def _delete(session: Session, saved: SavedSelection) -> Change:
    details = {"name": saved.name, "deleted": _described(saved)}
    image_ids = _all_ids(session, saved)
    session.delete(saved)
    return Change("selection.deleted", details, image_ids)
