"""The table of images that a person has before them, as a file."""

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from sqlmodel import Session

from core.accounts.access import Viewer
from core.curation.cells import table_rows
from core.formats.table import write_csv
from core.media.images import chunks


def write_grid(
    session: Session,
    viewer: Viewer,
    image_ids: npt.NDArray[np.int64],
    fields: Sequence[str],
    target: BinaryIO,
) -> None:
    """Write images with these fields as CSV that can be changed and brought back.

    Columns: `image_id`, `name`, `prediction`, `confidence` and `meta.<field>` for each field. Ids
    of images that the viewer may not see have no row.
    """
    import pandas as pd

    columns = ["image_id", "name", "prediction", "confidence"]
    own = [f"meta.{field}" for field in fields]
    rows = []
    for part in chunks(image_ids.tolist()):
        for row in table_rows(session, viewer, part, fields):
            rows.append([row["id"], row["name"], row["label"], row["confidence"], *row["cells"]])
    frame = pd.DataFrame(rows, columns=[*columns, *own])
    for column in ("name", "prediction", *own):
        frame[column] = frame[column].astype("str")
    write_csv(frame, target)
