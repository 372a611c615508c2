"""The images page: what people say of images, and what they write about them."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.workspace import Workspace
from core.analysis.tables import Prediction
from core.annotations import image_annotation, set_label
from core.curation import set_note
from core.database import reading, writing
from core.media.images import load_image
from tests.core.curation.conftest import Stage, stage
from tests.pages.conftest import OpenPage, written

PAGE = "images.py"

__all__ = ["stage"]


@pytest.fixture
def analysed(stage: Stage) -> Stage:
    """Ten images: the model names the first nine `cat`, and the last one nothing."""
    with writing() as session:
        for image_id in stage.images[:9]:
            session.add(Prediction(image_id=image_id, model_key="m", label="ca*t", confidence=0.93))
    return stage


def work_of(at: AppTest, stage: Stage) -> Workspace:
    found: Workspace = at.session_state["workspaces"][stage.id]
    return found


def opened(open_page: OpenPage, stage: Stage, place: int = 0) -> AppTest:
    at = open_page(PAGE, stage.id)
    work_of(at, stage).opened = stage.images[place]
    return at.run()


def labels(stage: Stage) -> list[str | None]:
    with reading() as session:
        said = [image_annotation(session, stage.viewer, image_id) for image_id in stage.images]
    return [each and each.label for each in said]


def note_of(stage: Stage) -> str:
    with reading() as session:
        return load_image(session, stage.viewer, stage.images[0]).note


def button(at: AppTest, start: str):  # type: ignore[no-untyped-def]
    (found,) = [each for each in at.main.button if each.label.startswith(start)]
    return found


def type_class(at: AppTest, key: str, value: str) -> None:
    """Write a class into a field as one does in the browser, offered or not."""
    field = at.selectbox(key=key)
    if value not in field.options:
        field.options.append(value)
    field.set_value(value).run()


def test_one_click_says_that_the_model_is_right(open_page: OpenPage, analysed: Stage) -> None:
    at = opened(open_page, analysed)
    assert at.selectbox(key=f"truth:{analysed.images[0]}").value is None
    button(at, r"The model is right: ca\*t").click().run()
    assert labels(analysed)[:2] == ["ca*t", None]
    assert at.selectbox(key=f"truth:{analysed.images[0]}").value == "ca*t"
    assert "Said by hand, just now" in written(at)
    assert not [each for each in at.main.button if "model is right" in each.label]
    at.button(key="undo_image:undo").click().run()
    assert labels(analysed)[0] is None
    assert at.selectbox(key=f"truth:{analysed.images[0]}").value is None


def test_another_class_is_typed_refused_when_unfit_and_taken_back(
    open_page: OpenPage, analysed: Stage
) -> None:
    key = f"truth:{analysed.images[0]}"
    set_label(analysed.viewer, analysed.id, "흠집", analysed.images[1:2])
    at = opened(open_page, analysed)
    assert at.selectbox(key=key).options == ["흠집"]
    type_class(at, key, "a dog")
    assert labels(analysed)[0] == "a dog"
    type_class(at, key, "x" * 101)
    assert labels(analysed)[0] == "a dog"
    assert "Shorten it" in at.error[0].value
    at.selectbox(key=key).set_value(None).run()
    assert labels(analysed)[0] is None
    assert not at.error


def test_of_two_editors_the_later_one_chooses_between_both(
    open_page: OpenPage, analysed: Stage
) -> None:
    key = f"truth:{analysed.images[0]}"
    at = opened(open_page, analysed)
    set_label(analysed.viewer, analysed.id, "their_s", analysed.images[:1])
    type_class(at, key, "mine")
    assert labels(analysed)[0] == "their_s"
    assert at.selectbox(key=key).value == "their_s"
    assert "Someone else changed the true class meanwhile" in written(at)
    button(at, r"Theirs: their\_s").click().run()
    assert labels(analysed)[0] == "their_s"
    assert "meanwhile" not in written(at)
    set_label(analysed.viewer, analysed.id, None, analysed.images[:1])
    type_class(at, key, "mine")
    button(at, "Mine: mine").click().run()
    assert labels(analysed)[0] == "mine"
    assert "meanwhile" not in written(at)


def test_a_note_is_written_and_never_lost_between_two_editors(
    open_page: OpenPage, analysed: Stage
) -> None:
    key = f"note:{analysed.images[0]}"
    at = opened(open_page, analysed)
    at.text_area(key=key).set_value("a *scratch*").run()
    assert note_of(analysed) == "a *scratch*"
    set_note(analysed.viewer, analysed.images[0], "theirs")
    at.text_area(key=key).set_value("mine").run()
    assert note_of(analysed) == "theirs"
    assert at.text_area(key=key).value == "theirs"
    button(at, "Mine: mine").click().run()
    assert note_of(analysed) == "mine"
    assert at.text_area(key=key).value == "mine"


def test_many_images_get_a_class_or_the_model_s(open_page: OpenPage, analysed: Stage) -> None:
    set_label(analysed.viewer, analysed.id, "dog", analysed.images[:1])
    at = open_page(PAGE, analysed.id)
    work_of(at, analysed).select(np.array(analysed.images[7:]), kind="test")
    at.run()
    at.selectbox(key="bulk_label").set_value("dog").run()
    at.button(key="bulk_class_set").click().run()
    assert labels(analysed) == ["dog"] + [None] * 6 + ["dog"] * 3
    at.button(key="bulk_class_confirm").click().run()
    assert labels(analysed) == ["dog"] + [None] * 6 + ["ca*t", "ca*t", "dog"]
    at.button(key="bulk_class_remove").click().run()
    assert labels(analysed) == ["dog"] + [None] * 9
    at.button(key="undo_images:undo").click().run()
    assert labels(analysed) == ["dog"] + [None] * 6 + ["ca*t", "ca*t", "dog"]
