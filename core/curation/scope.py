"""What a change may touch: the viewer's projects and images, and sets of ids of any size."""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, permitted_images, visible_images, visible_projects
from core.errors import NotFound
from core.media.tables import Image
from core.projects.tables import Project

Ids = Iterable[int] | np.ndarray


class _members(FunctionElement[int]):  # noqa: N801 - named like the SQL it stands for
    """The integers of a JSON list, as rows: (list as text)."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(_members)
def _json_each(element: _members, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **kw)}))"  # noqa: S608


@compiles(_members, "postgresql")
def _json_array(element: _members, compiler: SQLCompiler, **kw: Any) -> str:
    ids = compiler.process(element.clauses, **kw)
    listed = f"json_array_elements_text(CAST({ids} AS JSON))"
    return f"(SELECT CAST(value AS BIGINT) FROM {listed})"  # noqa: S608


def id_array(image_ids: Ids) -> np.ndarray:
    """Image ids as int64 (N,), ascending, each once."""
    values = image_ids if isinstance(image_ids, np.ndarray) else list(image_ids)
    return np.unique(np.asarray(values, dtype=np.int64))


def among(column: Any, image_ids: Ids) -> sa.ColumnElement[bool]:
    """`column` is one of these ids: one bound value however many there are."""
    ids = _members(sa.literal(json.dumps(id_array(image_ids).tolist()), sa.Text))
    # An operator, not a function: SQLite would compare a function's truth with 1, row by row.
    return sa.type_coerce(column, sa.BigInteger).bool_op("IN")(ids)


def visible_project(session: Session, viewer: Viewer, project_id: int) -> Project:
    """A project; raises NotFound when there is none or the viewer may not see it."""
    project = session.exec(
        select(Project).where(col(Project.id) == project_id, visible_projects(viewer))
    ).first()
    if project is None:
        raise NotFound("curation.no_project", id=project_id)
    return project


def touchable(
    viewer: Viewer, project_id: int, image_ids: Ids, *, binned: bool = False
) -> sa.ColumnElement[bool]:
    """A condition on `Image`: those of `image_ids` in the project that the viewer may see.

    Args:
        binned: those in the bin too. A way back asks for them: what was changed before an image
            went into the bin is taken back there as well, so that nothing is amiss once it returns.
    """
    allowed = permitted_images(viewer) if binned else visible_images(viewer)
    return sa.and_(col(Image.project_id) == project_id, allowed, among(Image.id, image_ids))
