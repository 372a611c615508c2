"""All feature vectors of a project in one file that is mapped into memory."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Embedding
from core.atomic import atomic_path
from core.maps.features import features, unit_length
from core.media.tables import Image
from core.settings import settings

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

log = logging.getLogger(__name__)

_BLOCK = 5_000  # rows written at once
# So many rows that the file lacks, and a fiftieth of all, are read from the database each time
# before it is made again.
_MOST_MISSING = 1_000
_HASH_BYTES = 64
# Odd factors that make one number of the eight parts of a content hash.
_FACTORS = np.random.default_rng(0).integers(2**63, size=8, dtype=np.uint64) | np.uint64(1)


@dataclass(frozen=True)
class FeatureRows:
    """Unit vectors of images, in no order."""

    #: int64 (N,).
    ids: Ids
    #: float32 (N, D); zeros stay zeros, what is no vector of D numbers is NaN.
    vectors: Floats
    #: bool (N,): the rows that count. Images that are gone, or not to be seen, may have one too.
    valid: Truth


@dataclass(frozen=True)
class _Listed:
    """Images with features, ascending by id, each with a number made of its content's hash.

    An id alone does not name an image for ever: SQLite gives that of a removed one again.
    """

    ids: Ids
    stamps: npt.NDArray[np.uint64]


_Kept = tuple[_Listed, Floats]


def feature_rows(
    session: Session, viewer: Viewer, project_id: int, model_key: str
) -> list[FeatureRows]:
    """The vectors of all images of a project that `viewer` may see, in up to two parts.

    The first part lies in a file in the cache folder, 4 D + 16 bytes an image, which holds the
    whole project. It is made at the first call (3 s and 512 MB for 100,000 images of 1,280 numbers)
    and grows when many images came; until then new ones are the second part, read from the
    database. There is no part where no image has features.
    """
    return project_rows(session, project_id, model_key, visible_images(viewer))


def project_rows(
    session: Session, project_id: int, model_key: str, wanted: sa.ColumnElement[bool]
) -> list[FeatureRows]:
    """`feature_rows` of the images of a condition; who may see them, the caller has to check."""
    listed = _listed(session, project_id, model_key, wanted)
    path = _path(project_id, model_key)
    kept = _open(path)
    rows, valid = _compared(listed, kept)
    missing = int((rows < 0).sum())
    if missing > max(_MOST_MISSING, len(rows) // 50) or (kept is None and missing):
        whole = _listed(session, project_id, model_key, sa.true())
        _write(session, path, whole, model_key, kept)
        kept = _open(path)
        rows, valid = _compared(listed, kept)
    parts = [] if kept is None else [FeatureRows(kept[0].ids, kept[1], valid)]
    ids = listed.ids[rows < 0]
    if len(ids):
        vectors = _unit_rows(session, ids, model_key, None if kept is None else kept[1].shape[1])
        parts.append(FeatureRows(ids, vectors, np.ones(len(ids), dtype=np.bool_)))
    return parts


def forget_rows(project_id: int, model_key: str) -> None:
    """Read a project's vectors anew at the next call: for whoever replaced some of them."""
    _path(project_id, model_key).unlink(missing_ok=True)


def _path(project_id: int, model_key: str) -> Path:
    key = hashlib.blake2b(model_key.encode(), digest_size=8).hexdigest()
    return settings().cache_dir / "features" / f"{project_id}-{key}.bin"


def _listed(
    session: Session, project_id: int, model_key: str, condition: sa.ColumnElement[bool]
) -> _Listed:
    rows = (
        sa.select(col(Image.id), col(Image.content_hash))
        .join(Embedding, col(Embedding.image_id) == col(Image.id))
        .where(
            col(Image.project_id) == project_id, col(Embedding.model_key) == model_key, condition
        )
        .order_by(col(Image.id))
        .subquery()
    )
    # As two texts the columns arrive in a tenth of the time of rows.
    joined = sa.select(
        sa.func.aggregate_strings(sa.cast(rows.c.id, sa.String), ","),
        sa.func.aggregate_strings(rows.c.content_hash, ","),
    )
    ids, hashes = session.execute(joined).one()
    if ids is None:
        return _Listed(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64))
    return _Listed(np.fromstring(ids, dtype=np.int64, sep=","), _stamps(hashes))


def _stamps(hashes: str) -> npt.NDArray[np.uint64]:
    """A number of each of some hashes, with commas between them: uint64 (N,)."""
    parts = np.array(hashes.encode().split(b","), dtype=f"S{_HASH_BYTES}").view("<u8")
    stamps: npt.NDArray[np.uint64] = (parts.reshape(-1, len(_FACTORS)) * _FACTORS).sum(axis=1)
    return stamps


def _compared(listed: _Listed, kept: _Kept | None) -> tuple[Places, Truth]:
    """Each listed image's row in the file, -1 for none, and which rows of the file are listed."""
    if kept is None:
        return np.full(len(listed.ids), -1), np.zeros(0, dtype=np.bool_)
    there, _ = kept
    at = np.searchsorted(there.ids, listed.ids).clip(max=len(there.ids) - 1)
    found = (there.ids[at] == listed.ids) & (there.stamps[at] == listed.stamps)
    valid = np.zeros(len(there.ids), dtype=np.bool_)
    valid[at[found]] = True
    return np.where(found, at, -1), valid


def _write(
    session: Session, path: Path, listed: _Listed, model_key: str, kept: _Kept | None
) -> None:
    """Make the file of these images; the vectors that `kept` has are copied from there."""
    rows, _ = _compared(listed, kept)
    size = None if kept is None else kept[1].shape[1]
    with atomic_path(path) as partial, partial.open("wb") as file:
        np.save(file, listed.ids)
        np.save(file, listed.stamps)
        for start in range(0, len(listed.ids), _BLOCK):
            part = slice(start, start + _BLOCK)
            new = rows[part] < 0
            block = _unit_rows(session, listed.ids[part][new], model_key, size)
            if kept is not None:
                both = np.empty((len(new), block.shape[1]), dtype=np.float32)
                both[new], both[~new] = block, kept[1][rows[part][~new]]
                block = both
            if start == 0:
                size = block.shape[1]
                header = {"descr": "<f4", "fortran_order": False, "shape": (len(rows), size)}
                np.lib.format.write_array_header_1_0(file, header)
            file.write(block.astype("<f4").tobytes())


def _unit_rows(session: Session, ids: Ids, model_key: str, size: int | None) -> Floats:
    """Unit vectors (N, size); NaN where vectors have another size. None: the size they have."""
    rows = features(session, ids, model_key)
    if size is not None and rows.shape[1] != size:
        return np.full((len(ids), size), np.nan, dtype=np.float32)
    with np.errstate(invalid="ignore"):  # infinite ones become NaN
        return unit_length(rows)


def _open(path: Path) -> _Kept | None:
    """What the file at `path` holds; None where there is none or it is damaged."""
    try:
        with path.open("rb") as file:
            ids, stamps = (np.lib.format.read_array(file, allow_pickle=False) for _ in range(2))
            np.lib.format.read_magic(file)
            shape, _, kind = np.lib.format.read_array_header_1_0(file)
            vectors = np.memmap(file, kind, "r", file.tell(), shape).view(np.ndarray)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        log.warning("feature file %s is damaged and made again: %s", path.name, error)
        return None
    fits = ids.dtype == np.int64 and stamps.dtype == np.uint64 and kind == np.float32
    if not fits or not len(ids) == len(stamps) == len(vectors):
        return None
    return _Listed(ids, stamps), vectors
