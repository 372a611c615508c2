"""Tables beside the images: CSV, TSV, Parquet, JSON and JSON lines."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from core.imports import label_studio
from core.imports.columns import facts_of
from core.imports.facts import NotUnderstood, Reading, Sidecar, text_of
from core.settings import settings

_SNIFFED = 65_536  # characters from which the separator is told
_SEPARATORS = ",;\t|"
_LOOKED_AT = 200  # rows by whose cells a table is told to be Label Studio's


def read_csv(sidecar: Sidecar) -> Reading:
    """A table as text, with a line of column names.

    Raises:
        NotUnderstood: it is no such table, or no column names the images.
    """
    import pandas as pd

    text = text_of(sidecar)
    first = text[:_SNIFFED]
    try:
        separator = csv.Sniffer().sniff(first, _SEPARATORS).delimiter
    except csv.Error:
        separator = max(_SEPARATORS, key=first.partition("\n")[0].count)
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, na_filter=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise NotUnderstood("imports.refused.no_table", detail=_short(error)) from None
    if _has_regions(frame.iloc[:_LOOKED_AT].to_numpy().ravel().tolist()):
        records = [
            {str(name): _parsed(cell) for name, cell in record.items()}
            for record in frame.to_dict("records")
        ]
        if label_studio.is_short_form(records):
            return label_studio.read_short_form(sidecar, records)
    return _reading(sidecar, "csv", {str(c): frame[c].tolist() for c in frame.columns})


def _has_regions(cells: Sequence[Any]) -> bool:
    """Whether there are cells as in Label Studio's CSV: lists of JSON objects with labels."""
    return any(
        text.startswith("[{") and ('labels"' in text or '"original_width"' in text)
        for text in map(str, cells)
    )


def _parsed(cell: str) -> Any:
    if not cell.startswith(("[{", "{")):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def read_parquet(sidecar: Sidecar) -> Reading:
    """A Parquet file; a column of lists of numbers is a feature vector.

    Raises:
        NotUnderstood: it is broken, too large unpacked, or no column names the images.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(sidecar.data))
        groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > settings().max_sidecar_bytes:
            limit = f"{settings().max_sidecar_bytes / 1e9:g}"
            raise NotUnderstood("imports.refused.too_large", limit=limit)
        table = file.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NotUnderstood("imports.refused.no_table", detail=_short(error)) from None
    columns = {name: _values(table.column(name)) for name in table.column_names}
    return _reading(sidecar, "parquet", columns)


def read_json_lines(sidecar: Sidecar) -> Reading:
    """One JSON object a line.

    Raises:
        NotUnderstood: a line is none, or no field names the images.
    """
    records: list[dict[str, Any]] = []
    for number, line in enumerate(text_of(sidecar).splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            raise NotUnderstood("imports.refused.no_json_line", line=number)
        records.append(record)
    return read_records(sidecar, records)


def read_records(sidecar: Sidecar, records: Sequence[dict[str, Any]]) -> Reading:
    """JSON objects, one an image, already parsed.

    Raises:
        NotUnderstood: there are none, or no field names the images.
    """
    names = dict.fromkeys(str(name) for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return _reading(sidecar, "json", columns)


def _reading(sidecar: Sidecar, kind: str, columns: dict[str, Any]) -> Reading:
    if not columns:
        raise NotUnderstood("imports.refused.no_table", detail="")
    facts, problems = facts_of(columns)
    return Reading(sidecar.path, kind, facts, problems)


def _values(column: Any) -> Sequence[Any]:
    """A column's values; vectors as arrays, which take a tenth of a list's memory."""
    import pyarrow as pa

    kind = column.type
    is_list = any(
        check(kind) for check in (pa.types.is_list, pa.types.is_large_list,
                                  pa.types.is_fixed_size_list)
    )  # fmt: skip
    if is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        return [
            None if not cell.is_valid else cell.values.to_numpy(zero_copy_only=False)
            for chunk in column.chunks
            for cell in chunk
        ]
    values: list[Any] = column.to_pylist()
    return values


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
