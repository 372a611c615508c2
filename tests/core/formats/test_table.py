import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from core.accounts.access import Viewer
from core.annotations import set_boxes, set_labels
from core.database import engine, now, reading, writing
from core.formats.table import image_table, write_csv, write_parquet
from core.maps.tables import Map, MapData
from core.media.tables import Image
from core.projects.tables import Project
from tests.core.formats.conftest import MODEL, ROWS, Filled, content_hash, vector


def table(
    viewer: Viewer, filled: Filled, ids: list[int] | None = None, **options: object
) -> pd.DataFrame:
    with reading() as session:
        chosen = filled.ids if ids is None else ids
        return image_table(session, viewer, filled.project, chosen, **options)  # type: ignore[arg-type]


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def split_tags(joined: str) -> list[str]:
    """The inverse of the escaping that `image_table` describes."""
    parts = re.findall(r"(?:\\.|[^;\\])+", joined)
    return [re.sub(r"\\(.)", r"\1", part) for part in parts]


def test_plain_columns_hold_what_the_database_holds(viewer: Viewer, filled: Filled) -> None:
    frame = table(viewer, filled)
    assert frame["image_id"].tolist() == filled.ids
    assert frame["name"].tolist() == [name for name, *_ in ROWS]
    assert set(frame["batch"]) == {"+set.zip"}
    assert frame["width"].tolist() == [640 + row for row in range(len(ROWS))]
    assert frame["bytes"].tolist() == [1000 + row for row in range(len(ROWS))]
    assert frame["content_hash"].tolist() == [content_hash(row) for row in range(len(ROWS))]
    assert frame["captured_at"][2] == datetime(2024, 10, 14, 8, 30, 2)
    assert pd.isna(frame["captured_at"][1])
    assert frame["uploaded_at"][3] == datetime(2024, 11, 19, 12, 0, 3, 250_000, tzinfo=UTC)
    assert frame["camera"][2] == "카메라 1"
    assert pd.isna(frame["camera"][0])


def test_predictions_and_boxes_are_those_of_the_projects_model(
    viewer: Viewer, filled: Filled
) -> None:
    frame = table(viewer, filled)
    assert frame["prediction"][:4].tolist() == ["cat", "cat", "steel drum", "../../up"]
    assert pd.isna(frame["prediction"][4])
    assert pd.isna(frame["prediction"][7])
    np.testing.assert_allclose(frame["confidence"][:4], [0.5, 0.51, 0.52, 0.53])
    assert np.isnan(frame["confidence"][4])
    corners = {"x0": 0.0, "y0": 0.25, "x1": 0.5, "y1": 1.0}
    assert json.loads(frame["boxes"][0]) == [
        {"label": "고양이", "confidence": 0.75, **corners},
        {"label": "mouse", "confidence": 0.25, **corners},
    ]
    assert json.loads(frame["boxes"][1]) == []


def test_ground_truth_stands_beside_what_the_model_said(viewer: Viewer, filled: Filled) -> None:
    first, second, third, *_ = filled.ids
    set_labels(viewer, filled.project.id or 0, {first: "dog", third: "cat"}, "import")
    drawn = [("혹", 0.1, 0.2, 0.3, 0.4), ("dent", 0.5, 0.5, 1.0, 1.0)]
    set_boxes(viewer, filled.project.id or 0, {first: drawn, second: []}, "import")
    frame = table(viewer, filled)
    assert frame["truth"][:4].fillna("?").tolist() == ["dog", "?", "cat", "?"]
    corners = ("label", "x0", "y0", "x1", "y1")
    assert json.loads(frame["true_boxes"][0]) == [
        dict(zip(corners, box, strict=True)) for box in drawn
    ]
    # An image without objects is not one of which nobody said.
    assert frame["true_boxes"][1:4].fillna("?").tolist() == ["[]", "?", "?"]
    assert frame["prediction"][0] == "cat"


def test_tags_can_be_taken_apart_again(viewer: Viewer, filled: Filled) -> None:
    frame = table(viewer, filled)
    for row, (_, _, tags, _) in enumerate(ROWS):
        assert sorted(split_tags(frame["tags"][row])) == sorted(tags)
        assert sorted(frame["tag_list"][row]) == sorted(tags)
    assert frame["tags"][2] == "a\\;b;a\\;b\\\\c"


def test_each_attribute_has_a_column_of_one_type(viewer: Viewer, filled: Filled) -> None:
    frame = table(viewer, filled)
    meta = [column for column in frame.columns if column.startswith("meta.")]
    assert meta == ["meta.count", "meta.line", "meta.mixed", "meta.ok", "meta.temperature"]
    assert frame["meta.temperature"].tolist()[:2] == [21.0, 20.5]
    assert frame["meta.ok"].tolist()[:3] == [True, pd.NA, False]
    assert frame["meta.mixed"].tolist()[3:6] == ["5", "five", "true"]
    assert frame["meta.count"].tolist()[4:6] == ["7", str(2**70)]
    assert pd.isna(frame["meta.line"][7])


def test_whole_numbers_stay_whole(viewer: Viewer, filled: Filled) -> None:
    frame = table(viewer, filled, filled.ids[4:5])
    assert frame["meta.count"].tolist() == [7]
    assert frame["meta.count"].dtype == "Int64"


def test_order_is_kept_and_foreign_ids_have_no_row(viewer: Viewer, filled: Filled) -> None:
    with writing() as session:
        other = Project(name="Other", model_key=MODEL, created_by=viewer.user_id)
        session.add(other)
        session.flush()
        image = session.get(Image, filled.ids[0])
        assert image is not None
        foreign = Image(**{**image.model_dump(exclude={"id"}), "project_id": other.id})
        session.add(foreign)
        session.flush()
        assert foreign.id is not None
    asked = [*reversed(filled.ids), foreign.id, 10**9]
    assert table(viewer, filled, asked)["image_id"].tolist() == filled.ids[::-1]
    with writing() as session:
        project = session.get(Project, filled.project.id)
        assert project is not None
        project.deleted_at = now()
    assert len(table(viewer, filled)) == 0


def test_an_empty_table_has_the_same_columns(
    viewer: Viewer, filled: Filled, tmp_path: Path
) -> None:
    empty = table(viewer, filled, [], features=True)
    full = table(viewer, filled, filled.ids[7:], features=True)
    assert list(empty.columns) == [c for c in full.columns if c != "meta.mixed"]
    write_csv(empty, tmp_path / "empty.csv")
    write_parquet(empty, tmp_path / "empty.parquet")
    assert csv_rows(tmp_path / "empty.csv") == []
    assert pq.read_table(tmp_path / "empty.parquet").num_rows == 0


def test_queries_do_not_grow_with_the_images(viewer: Viewer, filled: Filled) -> None:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", count)
    table(viewer, filled, filled.ids[:1], features=True)
    one = len(statements)
    table(viewer, filled, filled.ids, features=True)
    assert len(statements) == 2 * one


@pytest.fixture
def map_id(viewer: Viewer, filled: Filled) -> int:
    """A finished 3D map of the second to fifth image."""
    assert filled.project.id is not None
    with writing() as session:
        made = Map(
            project_id=filled.project.id,
            name="m",
            method="pca",
            dimensions=3,
            seed=0,
            model_key=MODEL,
            image_count=4,
            job_id="j",
            created_by=viewer.user_id,
            finished_at=now(),
        )
        session.add(made)
        session.flush()
        assert made.id is not None
        session.add(
            MapData(
                map_id=made.id,
                image_ids=np.array(filled.ids[1:5], dtype="<i8").tobytes(),
                coordinates=np.arange(12, dtype="<f4").tobytes(),
                outlier_scores=np.array([0.1, 0.2, 0.3, 0.4], dtype="<f4").tobytes(),
            )
        )
    return made.id


def test_coordinates_and_scores_of_a_map(viewer: Viewer, filled: Filled, map_id: int) -> None:
    frame = table(viewer, filled, filled.ids[::-1], map_id=map_id).set_index("image_id")
    assert frame.loc[filled.ids[2], ["x", "y", "z"]].tolist() == [3, 4, 5]
    assert frame.loc[filled.ids[4], "outlier"] == np.float32(0.4)
    for outside in (0, 5, 7):
        assert frame.loc[filled.ids[outside], ["x", "y", "z", "outlier"]].isna().all()


def test_csv_guards_texts_against_formulas_and_leaves_numbers(
    viewer: Viewer, filled: Filled, map_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "set.csv"
    write_csv(table(viewer, filled, map_id=map_id), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = csv_rows(path)
    for row, (name, *_) in zip(rows, ROWS, strict=True):
        assert row["name"] == (f"'{name}" if name[0] in "=+-@\t\r\n" else name)
        for cell in row.values():
            number = re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell)
            assert number or cell[:1] not in set("=+-@\t\r\n"), cell
    assert {row["batch"] for row in rows} == {"'+set.zip"}
    assert rows[1]["meta.line"] == "'=A-3+1"
    assert rows[3]["meta.temperature"] == "-3.0"
    assert (rows[1]["x"], rows[0]["x"]) == ("0.0", "")
    assert rows[2]["tags"] == "a\\;b;a\\;b\\\\c"
    assert "tag_list" not in rows[0]
    assert [int(row["image_id"]) for row in rows] == filled.ids


def test_csv_has_a_column_for_each_feature(viewer: Viewer, filled: Filled, tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    write_csv(table(viewer, filled, features=True), path)
    frame = pd.read_csv(path)
    columns = [column for column in frame.columns if re.fullmatch(r"f\d{4}", column)]
    assert columns == ["f0000", "f0001", "f0002", "f0003"]
    assert "features" not in frame
    for row in range(len(ROWS) - 1):
        np.testing.assert_array_equal(frame.loc[row, columns].astype(np.float32), vector(row))
    assert frame.loc[len(ROWS) - 1, columns].isna().all()


def test_csv_to_an_open_file(viewer: Viewer, filled: Filled, tmp_path: Path) -> None:
    frame = table(viewer, filled)
    write_csv(frame, tmp_path / "set.csv")
    buffer = io.BytesIO()
    write_csv(frame, buffer)
    assert buffer.getvalue() == (tmp_path / "set.csv").read_bytes()


def test_parquet_keeps_texts_types_and_lists(
    viewer: Viewer, filled: Filled, map_id: int, tmp_path: Path
) -> None:
    path = tmp_path / "set.parquet"
    write_parquet(table(viewer, filled, map_id=map_id, features=True), path)
    read = pq.read_table(path)
    assert read["name"].to_pylist() == [name for name, *_ in ROWS]
    assert [sorted(tags) for tags in read["tag_list"].to_pylist()] == [sorted(r[2]) for r in ROWS]
    assert read.schema.field("tag_list").type == pa.list_(pa.string())
    assert read.schema.field("features").type == pa.list_(pa.float32())
    assert read["features"].to_pylist()[:-1] == [vector(r).tolist() for r in range(len(ROWS) - 1)]
    assert read["features"].to_pylist()[-1] is None
    assert read["meta.ok"].to_pylist()[:3] == [True, None, False]
    assert read["meta.temperature"].to_pylist()[:2] == [21.0, 20.5]
    assert pa.types.is_timestamp(read.schema.field("captured_at").type)
    assert read.schema.field("uploaded_at").type.tz == "UTC"
    assert list(tmp_path.glob(".set*")) == []


def test_a_failed_write_leaves_what_was_there(
    viewer: Viewer, filled: Filled, tmp_path: Path
) -> None:
    path = tmp_path / "set.parquet"
    path.write_bytes(b"before")
    broken = table(viewer, filled)
    broken["mixed"] = pd.Series([object()] * len(broken), dtype=object)
    with pytest.raises(pa.ArrowInvalid):
        write_parquet(broken, path)
    assert path.read_bytes() == b"before"
    assert sorted(p.name for p in tmp_path.iterdir() if "parquet" in p.name) == ["set.parquet"]
