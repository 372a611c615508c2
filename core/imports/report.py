"""What became of the files that came with a batch's images, as people see it."""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core.accounts.access import Viewer, visible_images, visible_projects
from core.history.tables import Event
from core.i18n import t
from core.imports.given import Given
from core.imports.tables import VECTORS, ImportProblem
from core.ingest.batches import load_batch
from core.ingest.report import harmless
from core.ingest.tables import BatchFile, Outcome
from core.media.tables import Image
from core.projects.tables import Project


@dataclass(frozen=True)
class AppliedFile:
    """A file whose contents images were given, or many of one format."""

    path: str
    #: Format, in the language of this context.
    kind: str
    #: Images that it spoke of; None: it only helped to read others.
    images: int | None
    #: What they have by it, in the language of this context.
    given: str
    #: Things in it that were not taken over.
    left_out: int
    #: Things that were taken over in another form.
    notes: int = 0


@dataclass(frozen=True)
class NoMatch:
    """Files of a batch that found none of their images.

    Attributes:
        files: how many there are.
        path: the first of them.
        names: images that it names.
        missing: the first of those.
        image: how an image of the project is called; None: it has none.
    """

    files: int
    path: str
    names: int
    missing: str
    image: str | None


@dataclass(frozen=True)
class Summary:
    """What somebody should know of a batch's files without opening their list."""

    left_out: int
    no_match: NoMatch | None


@dataclass(frozen=True)
class LeftOut:
    """Something that was not taken over, with the reason in the language of this context."""

    path: str
    name: str
    place: str
    reason: str


def applied_files(session: Session, viewer: Viewer, batch_id: int) -> list[AppliedFile]:
    """The files of a batch that were applied, in the order of their names.

    Where a format has a file for each image, all of its files are one entry.
    Raises NotFound when there is no such batch or `viewer` may not see it.
    """
    load_batch(session, viewer, batch_id)
    by_kind: defaultdict[str, list[BatchFile]] = defaultdict(list)
    for file in session.exec(_applied(batch_id).order_by(col(BatchFile.path))):
        by_kind[file.reason or ""].append(file)
    found: list[AppliedFile] = []
    for kind, files in by_kind.items():
        if kind in _FILE_EACH and len(files) > _LISTED:
            path = t("imports.files", n=f"{len(files):,}")
            found.append(_entry(path, kind, [file.reason_params for file in files]))
        else:
            found += [_entry(file.path, kind, [file.reason_params]) for file in files]
    return sorted(found, key=lambda each: each.path)


def _applied(batch_id: int) -> SelectOfScalar[BatchFile]:
    return select(BatchFile).where(
        BatchFile.batch_id == batch_id, BatchFile.outcome == Outcome.APPLIED
    )


def _entry(path: str, kind: str, reports: list[dict[str, Any]]) -> AppliedFile:
    given = sum((Given.stored(each) for each in reports), Given())

    def total(name: str) -> int:
        return sum(each.get(name, 0) for each in reports)

    images = None if kind in _HELPERS else total("images")
    return AppliedFile(path, t(kind), images, given.summary(), total("problems"), total("notes"))


def summary(session: Session, viewer: Viewer, batch_id: int) -> Summary:
    """What was left out of a batch's files, and whether some found no image at all.

    Raises NotFound when there is no such batch or `viewer` may not see it.
    """
    batch = load_batch(session, viewer, batch_id)
    noted = col(ImportProblem.reason).startswith("imports.note.")
    left_out = session.exec(
        select(sa.func.count(col(ImportProblem.id)))
        .join(BatchFile, col(BatchFile.id) == col(ImportProblem.batch_file_id))
        .where(BatchFile.batch_id == batch_id, ~noted)
    ).one()
    numbers = col(BatchFile.reason_params)
    lost = _applied(batch_id).where(
        numbers["images"].as_integer() == 0, numbers["names"].as_integer() > 0
    )
    files = session.exec(select(sa.func.count()).select_from(lost.subquery())).one()
    if not files:
        return Summary(left_out, None)
    first = session.exec(lost.order_by(col(BatchFile.path)).limit(1)).one()
    some = select(Image.name).where(Image.project_id == batch.project_id, visible_images(viewer))
    image = session.exec(some.order_by(col(Image.id)).limit(1)).first()
    said = first.reason_params
    no_match = NoMatch(files, first.path, said["names"], said.get("missing", ""), image)
    return Summary(left_out, no_match)


_HELPERS = ("imports.kind.classes", "imports.kind.names")
_FILE_EACH = ("imports.kind.voc", "imports.kind.yolo")
_LISTED = 10  # files of a format that has one for each image


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
