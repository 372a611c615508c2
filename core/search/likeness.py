"""`similar:IMAGE>0.8`: which image is meant, and which are like it."""

import re
from dataclasses import replace

import numpy as np
import sqlalchemy as sa
from sqlmodel import col

from core.accounts.access import Viewer, visible_images
from core.media.tables import Image
from core.search.ast import Key, Operator, Term
from core.search.bits import Bits, ProjectBits
from core.search.fields import FieldType
from core.search.intervals import intervals, lie_in
from core.search.patterns import behind_folder, equals

#: What is similar where a term does not say it.
USUAL = Term("similar", Operator.AT_LEAST, ("0.8",))
_LARGEST_ID = 2**63 - 1


def similar(bits: ProjectBits, term: Term, viewer: Viewer) -> Bits:
    """The images that are as similar to the one of a term as it says; none where there is none."""
    image_id = image_meant(bits, term.values[0], viewer)
    if image_id is None:
        return np.packbits(np.zeros(len(bits.ids), dtype=bool))
    asked = term.qualifiers[0] if term.qualifiers else USUAL
    return np.packbits(lie_in(bits.similarity(image_id), intervals(asked, FieldType.SHARE)))


def keys_with_ids(bits: ProjectBits, keys: tuple[Key, ...], viewer: Viewer) -> tuple[Key, ...]:
    """The keys of an order in which images are named by their ids; without those that mean none."""
    found: list[Key] = []
    for key in keys:
        if key.field == "similar":
            image_id = image_meant(bits, key.image, viewer)
            if image_id is None:
                continue
            key = replace(key, image=str(image_id))
        found.append(key)
    return tuple(found) or (Key("id"),)


def image_meant(bits: ProjectBits, written: str, viewer: Viewer) -> int | None:
    """The image of a project that `viewer` means: `#17`, a whole name, or the part behind a folder.

    Of several the one with the lowest id; None where there is none that `viewer` may see.
    """
    number = re.fullmatch(r"#(\d{1,19})", written, re.ASCII)
    name = col(Image.name)
    if number:
        image_id = int(number[1])
        ways = [col(Image.id) == image_id] if image_id <= _LARGEST_ID else []
    else:
        # As it is written first, which the index of names answers.
        ways = [name == written, sa.or_(equals(name, written), behind_folder(name, written))]
    mine = sa.and_(col(Image.project_id) == bits.project.id, visible_images(viewer))
    found = (bits.first(sa.select(sa.func.min(col(Image.id))).where(mine, way)) for way in ways)
    return next((image_id for image_id in found if image_id is not None), None)
