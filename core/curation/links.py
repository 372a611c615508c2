"""Selections that a link carries: kept under a short name made of their images."""

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.curation.scope import Ids, id_array, touchable, visible_project
from core.curation.selections import Selection
from core.curation.tables import KeptSelection
from core.database import now, reading, writing
from core.errors import NotFound
from core.history import pack_ids, unpack_ids
from core.media.tables import Image
from core.settings import settings

_KEY_BYTES = 9  # 72 bits: the keys of one project's selections do not meet by chance
_USE_NOTED_EVERY = timedelta(days=1)


def link_key(image_ids: Ids) -> str:
    """The name of a set of images in a link: 12 letters, digits, `-` and `_`; empty for none."""
    ids = id_array(image_ids)
    if not len(ids):
        return ""
    digest = hashlib.blake2b(ids.astype("<i8").tobytes(), digest_size=_KEY_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()


def keep_for_link(
    viewer: Viewer, project_id: int, image_ids: Ids, provenance: Mapping[str, Any]
) -> str:
    """Keep a set of images, so that its `link_key` opens it; the key.

    It is forgotten when nobody has used it for `DATAG_LINK_KEEP_DAYS`. Raises NotFound when there
    is no such project or `viewer` may not see it.
    """
    key = link_key(image_ids)
    if not key:
        return key
    with reading() as session:
        visible_project(session, viewer, project_id)
        if _is_fresh(session.get(KeptSelection, (project_id, key))):
            return key
    # PostgreSQL lets two people keep the same images at once; one of them is first.
    with suppress(IntegrityError), writing() as session:
        _forget_unused(session)
        kept = session.get(KeptSelection, (project_id, key))
        if kept is None:
            kept = KeptSelection(
                project_id=project_id,
                key=key,
                image_ids=pack_ids(image_ids),
                provenance=dict(provenance),
                created_by=viewer.user_id,
            )
        kept.used_at = now()
        session.add(kept)
    return key


def kept_for_link(session: Session, viewer: Viewer, project_id: int, key: str) -> Selection:
    """The selection that a link names, as far as `viewer` may see its images: ascending ids.

    Raises:
        NotFound: `viewer` may not see the project, nothing is kept there under `key`, or none of
            the images is left (`curation.link_gone`).
    """
    visible_project(session, viewer, project_id)
    kept = session.get(KeptSelection, (project_id, key))
    if kept is None:
        raise NotFound("curation.link_gone")
    allowed = touchable(viewer, project_id, unpack_ids(kept.image_ids))
    query = select(Image.id).where(allowed).order_by(col(Image.id))
    image_ids = np.fromiter(session.exec(query), dtype=np.int64)
    if not len(image_ids):
        raise NotFound("curation.link_gone")
    return Selection(image_ids, dict(kept.provenance))


def _is_fresh(kept: KeptSelection | None) -> bool:
    return kept is not None and now() - kept.used_at < _USE_NOTED_EVERY


def _forget_unused(session: Session) -> None:
    limit = now() - timedelta(days=settings().link_keep_days)
    session.execute(sa.delete(KeptSelection).where(col(KeptSelection.used_at) < limit))
