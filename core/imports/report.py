"""What became of the files that came with a batch's images, as people see it."""

import csv
import io
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.history.tables import Event
from core.i18n import t
from core.imports.tables import VECTORS, ImportProblem
from core.ingest.batches import load_batch
from core.ingest.report import harmless
from core.ingest.tables import BatchFile, Outcome
from core.projects.tables import Project


@dataclass(frozen=True)
class AppliedFile:
    """A file whose contents images were given."""

    path: str
    #: Format, in the language of this context.
    kind: str
    #: Images that it spoke of; None: it only helped to read others.
    images: int | None
    #: Things in it that were not taken over.
    left_out: int


@dataclass(frozen=True)
class LeftOut:
    """Something that was not taken over, with the reason in the language of this context."""

    path: str
    name: str
    place: str
    reason: str


def applied_files(session: Session, viewer: Viewer, batch_id: int) -> list[AppliedFile]:
    """The files of a batch that were applied, in the order of their names.

    Raises NotFound when there is no such batch or `viewer` may not see it.
    """
    load_batch(session, viewer, batch_id)
    query = (
        select(BatchFile)
        .where(BatchFile.batch_id == batch_id, BatchFile.outcome == Outcome.APPLIED)
        .order_by(BatchFile.path)
    )
    return [
        AppliedFile(
            file.path,
            t(file.reason or ""),
            None if file.reason in _HELPERS else file.reason_params.get("images", 0),
            file.reason_params.get("problems", 0),
        )
        for file in session.exec(query)
    ]


_HELPERS = ("imports.kind.classes", "imports.kind.names")


def imported_vectors(session: Session, viewer: Viewer, project: Project) -> dict[str, str]:
    """Names of the feature vectors that people brought to a project, by their key."""
    query = (
        select(Event.details)
        .join(Project, col(Event.project_id) == col(Project.id))
        .where(
            Event.project_id == project.id,
            Event.kind == "vectors.imported",
            visible_projects(viewer),
        )
        .order_by(col(Event.id))
    )
    names = (str(details["name"]) for details in session.exec(query))
    return {f"{VECTORS}{name}": name for name in names}


def left_out(
    session: Session, viewer: Viewer, batch_id: int, limit: int | None = None
) -> list[LeftOut]:
    """What was not taken over from a batch's files, in the files' order.

    Raises NotFound when there is no such batch or `viewer` may not see it.
    """
    load_batch(session, viewer, batch_id)
    query = (
        sa.select(col(BatchFile.path), ImportProblem)
        .join(ImportProblem, col(ImportProblem.batch_file_id) == col(BatchFile.id))
        .where(col(BatchFile.batch_id) == batch_id)
        .order_by(col(BatchFile.path), col(ImportProblem.id))
        .limit(limit)
    )
    return [
        LeftOut(path, each.name, _place(each.place), t(each.reason, **each.reason_params))
        for path, each in session.execute(query)
    ]


def _place(place: str) -> str:
    """A bare number is a row's, as spreadsheets count them."""
    return t("imports.row", n=place) if place.isdigit() else place


def left_out_csv(items: list[LeftOut]) -> bytes:
    """A CSV file of them, in UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([t(f"imports.{key}") for key in ("file", "name", "place", "reason")])
    for item in items:
        writer.writerow([harmless(c) for c in (item.path, item.name, item.place, item.reason)])
    return text.getvalue().encode("utf-8-sig")
