"""The values of any field, image by image."""

from datetime import UTC, datetime

import numpy as np
import pytest

from core.analysis.tables import Prediction, Quality
from core.annotations.tables import Annotation
from core.curation.attributes import set_attribute
from core.curation.field_columns import FieldColumn, field_column, field_names
from core.database import reading, writing
from core.ingest.tables import Batch
from core.media.tables import Image
from core.scores.tables import ImageScore
from tests.core.curation.conftest import Stage


def column(stage: Stage, name: str, ids: list[int] | None = None) -> FieldColumn:
    asked = np.array(stage.images if ids is None else ids)
    with reading() as session:
        return field_column(session, stage.viewer, stage.project, name, asked)


def names(stage: Stage) -> list[str]:
    with reading() as session:
        return field_names(session, stage.viewer, stage.project)


def test_only_fields_that_some_image_has_are_offered(stage: Stage) -> None:
    assert names(stage) == ["batch", "uploaded", "format", "width", "height", "bytes"]
    with writing() as session:
        image = session.get_one(Image, stage.images[1])
        image.camera = "X1"
    set_attribute(stage.viewer, stage.id, "line", 3, np.array(stage.images[:1]))
    assert names(stage)[0] == "camera"
    assert names(stage)[-1] == "attribute:line"


def test_values_follow_the_order_asked_for(stage: Stage) -> None:
    set_attribute(stage.viewer, stage.id, "line", 3, np.array(stage.images[:1]))
    set_attribute(stage.viewer, stage.id, "line", 4.5, np.array(stage.images[1:2]))
    found = column(stage, "attribute:line", [stage.images[2], stage.images[1], stage.images[0]])
    assert found.kind == "number"
    assert np.array_equal(found.numbers, [np.nan, 4.5, 3], equal_nan=True)


@pytest.mark.parametrize("other", ["west", True])
def test_values_of_several_kinds_are_texts(stage: Stage, other: str | bool) -> None:
    set_attribute(stage.viewer, stage.id, "line", 3, np.array(stage.images[:1]))
    set_attribute(stage.viewer, stage.id, "line", other, np.array(stage.images[1:2]))
    found = column(stage, "attribute:line", stage.images[:3])
    assert (found.kind, found.texts) == ("text", ["3", str(other), None])


def test_dates_are_seconds(stage: Stage) -> None:
    with writing() as session:
        image = session.get_one(Image, stage.images[0])
        image.captured_at = datetime(1970, 1, 2, 0, 0, 1)
        image.uploaded_at = datetime(1970, 1, 1, 1, tzinfo=UTC)
    taken = column(stage, "captured", stage.images[:2])
    assert taken.kind == "date"
    assert np.array_equal(taken.numbers, [86401, np.nan], equal_nan=True)
    assert column(stage, "uploaded", stage.images[:1]).numbers.tolist() == [3600]


def test_batches_of_one_name_are_told_apart(stage: Stage) -> None:
    assert set(column(stage, "batch").texts) == {"b"}
    with writing() as session:
        second = Batch(project_id=stage.id, name="b", created_by=stage.viewer.user_id)
        session.add(second)
        session.flush()
        session.get_one(Image, stage.images[0]).batch_id = second.id or 0
        number = second.id
    texts = column(stage, "batch").texts
    assert texts[0] == f"b ({number})"
    assert len(set(texts)) == 2


def test_images_of_other_projects_have_no_value(stage: Stage) -> None:
    assert column(stage, "format", stage.foreign_images).texts == [None] * len(stage.foreign_images)


def test_unknown_field_is_refused(stage: Stage) -> None:
    with pytest.raises(KeyError):
        column(stage, "colour")


def test_scores_quality_and_ground_truth_are_fields(stage: Stage) -> None:
    a, b, c = stage.images[:3]
    faults = dict.fromkeys(("light", "low_contrast", "low_information", "odd_aspect_ratio"), 1.0)
    with writing() as session:
        session.add(ImageScore(image_id=a, model_key="m", novelty=0.25, duplicate_group=7))
        session.add(ImageScore(image_id=b, model_key="another", novelty=0.75))
        session.add(Quality(image_id=b, phash=0, blurry=0.5, dark=1, grayscale=1, **faults))
        for image_id, said in ((a, "cat"), (b, "dog"), (c, None)):
            session.add(Prediction(image_id=image_id, model_key="m", label=said))
            user = stage.viewer.user_id
            session.add(Annotation(image_id=image_id, label="cat", source="hand", updated_by=user))
    offered = names(stage)
    assert {"truth", "correct", "novelty", "duplicate_group", "blurry"} <= set(offered)
    assert not {"label_error", "project_cluster", "boxes", "entropy"} & set(offered)
    asked = [a, b, c]
    assert np.array_equal(column(stage, "novelty", asked).numbers, [0.25, *[np.nan] * 2], True)
    assert np.array_equal(column(stage, "blurry", asked).numbers, [np.nan, 0.5, np.nan], True)
    assert column(stage, "duplicate_group", asked).texts == ["7", None, None]
    assert column(stage, "truth", asked).texts == ["cat"] * 3
    assert column(stage, "correct", asked).texts == ["correct", "wrong", None]
    assert column(stage, "width", asked).unit == "px"
