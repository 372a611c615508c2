"""The images page: what people say of images, and what they write about them."""

from datetime import date

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.workspace import Workspace
from core.analysis.tables import Prediction
from core.annotations import image_annotation, set_label
from core.curation import set_attribute, set_note
from core.curation.field_types import FieldType
from core.curation.fields import declare_field, forget_field
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


TYPES = {
    "state": FieldType("choice", choices=("ok", "bad")),
    "day": FieldType("date"),
    "size": FieldType("number", unit="mm"),
    "seen": FieldType("boolean"),
}


@pytest.fixture
def typed(analysed: Stage) -> Stage:
    """A project that declares a field of each type; the first image has a free one."""
    for name, type_ in TYPES.items():
        declare_field(analysed.viewer, analysed.id, name, type_)
    set_attribute(analysed.viewer, analysed.id, "line", "A 3", analysed.images[:1])
    return analysed


def metadata_of(stage: Stage) -> dict[str, object]:
    with reading() as session:
        return load_image(session, stage.viewer, stage.images[0]).attributes


def metadata_opened(open_page: OpenPage, stage: Stage) -> AppTest:
    at = opened(open_page, stage)
    at.session_state[f"detail_section:{stage.id}"] = "metadata"
    return at.run()


def test_every_type_of_field_has_its_widget_which_saves_by_itself(
    open_page: OpenPage, typed: Stage
) -> None:
    at, first = metadata_opened(open_page, typed), typed.images[0]
    assert at.selectbox(key=f"metadata:state:choice:{first}").options == ["ok", "bad"]
    at.selectbox(key=f"metadata:state:choice:{first}").set_value("bad").run()
    at.date_input(key=f"metadata:day:date:{first}").set_value(date(2024, 10, 14)).run()
    at.number_input(key=f"metadata:size:number:{first}").set_value(12.5).run()
    at.button_group(key=f"metadata:seen:boolean:{first}").set_value("no").run()
    at.text_input(key=f"metadata:line:text:{first}").set_value("B-1").run()
    assert not at.exception and not at.error
    told = {"state": "bad", "day": "2024-10-14", "size": 12.5, "seen": False, "line": "B-1"}
    assert metadata_of(typed) == told
    at.number_input(key=f"metadata:size:number:{first}").set_value(12.0).run()
    assert metadata_of(typed)["size"] == 12 and type(metadata_of(typed)["size"]) is int
    at.selectbox(key=f"metadata:state:choice:{first}").set_value(None).run()
    at.text_input(key=f"metadata:line:text:{first}").set_value(" ").run()
    assert metadata_of(typed).keys() == {"day", "size", "seen"}
    at.button(key="undo_image:undo").click().run()
    assert at.text_input(key=f"metadata:line:text:{first}").value == "B-1"


def test_a_value_that_does_not_fit_stays_readable_until_it_is_mended(
    open_page: OpenPage, typed: Stage
) -> None:
    forget_field(typed.viewer, typed.id, "size")
    set_attribute(typed.viewer, typed.id, "size", "thick", typed.images[:1])
    declare_field(typed.viewer, typed.id, "size", TYPES["size"])
    at, first = metadata_opened(open_page, typed), typed.images[0]
    field = at.text_input(key=f"metadata:size:text:{first}")
    assert field.value == "thick"
    assert "“thick” is not a number in mm" in written(at)
    field.set_value("thin").run()
    assert at.error[0].value.replace("\\", "") == (
        "size: “thin” is not a number in mm. Write it like 12.5."
    )
    assert at.text_input(key=f"metadata:size:text:{first}").value == "thin"
    assert metadata_of(typed)["size"] == "thick"
    at.text_input(key=f"metadata:size:text:{first}").set_value("3 mm").run()
    assert at.number_input(key=f"metadata:size:number:{first}").value == 3
    assert metadata_of(typed)["size"] == 3


def test_a_field_is_added_and_an_unfit_name_refused(open_page: OpenPage, typed: Stage) -> None:
    at, first = metadata_opened(open_page, typed), typed.images[0]
    type_class(at, f"metadata_add:{first}", "a/b")
    assert "a/b" in at.error[0].value
    type_class(at, f"metadata_add:{first}", "operator")
    assert not at.error
    at.text_input(key=f"metadata:operator:text:{first}").set_value("Kim").run()
    assert metadata_of(typed)["operator"] == "Kim"


def test_of_two_who_write_the_same_field_the_later_one_chooses(
    open_page: OpenPage, typed: Stage
) -> None:
    at, first = metadata_opened(open_page, typed), typed.images[0]
    set_attribute(typed.viewer, typed.id, "line", "theirs", [first])
    # Another field is not in the way.
    at.number_input(key=f"metadata:size:number:{first}").set_value(1.0).run()
    assert "meanwhile" not in written(at)
    set_attribute(typed.viewer, typed.id, "line", "theirs again", [first])
    at.text_input(key=f"metadata:line:text:{first}").set_value("mine").run()
    assert metadata_of(typed)["line"] == "theirs again"
    assert "Someone else changed the line meanwhile" in written(at)
    # The browser had sent it twice before it heard the question.
    at.text_input(key=f"metadata:line:text:{first}").set_value("mine").run()
    assert metadata_of(typed)["line"] == "theirs again"
    assert "Someone else changed the line meanwhile" in written(at)
    button(at, "Mine: mine").click().run()
    assert metadata_of(typed)["line"] == "mine"
