"""A batch's refused files as a table to take along."""

import csv
import io
import re
from collections.abc import Iterable

from core.i18n import t
from core.ingest.batches import RefusedFile

_FORMULA = re.compile(r"[=+\-@\t\r]")


def refused_csv(files: Iterable[RefusedFile]) -> bytes:
    """A CSV file, name and reason a line, in UTF-8 with the mark by which Excel knows it.

    A name that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([t("upload.refused.file"), t("upload.refused.reason")])
    writer.writerows((harmless(file.path), harmless(file.reason)) for file in files)
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: an apostrophe in front where one would."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
