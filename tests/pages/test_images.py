"""The images page: query, builder, selection, tags, the opened image."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.workspace import Workspace
from core.analysis.tables import Prediction
from core.curation import add_tag, image_tags
from core.curation.selections import selections
from core.database import reading, writing
from core.i18n import use_language
from core.media.tables import Image
from core.projects.store import create_project
from core.search import find
from tests.core.curation.conftest import Stage, stage
from tests.pages.conftest import OpenPage, keys, written

PAGE = "images.py"


@pytest.fixture
def analysed(stage: Stage) -> Stage:
    """Ten images: five cats, five dogs; the first three are tagged `sc*ratch`."""
    with writing() as session:
        for n, image_id in enumerate(stage.images):
            label = "cat" if n < 5 else "dog"
            session.add(
                Prediction(image_id=image_id, model_key="m", label=label, confidence=n / 10)
            )
    add_tag(stage.viewer, stage.id, "sc*ratch", stage.images[:3])
    return stage


def work_of(at: AppTest, stage: Stage) -> Workspace:
    found: Workspace = at.session_state["workspaces"][stage.id]
    return found


def field_text(at: AppTest, stage: Stage) -> str:
    """What the query's text field holds."""
    text: str = at.session_state["searches"][stage.id].text
    return text


def ask(at: AppTest, stage: Stage, text: str) -> AppTest:
    """Put a query in force as a link does; without one, as another page does."""
    if text:
        at.query_params["q"] = text
    else:
        work_of(at, stage).query = ""
    return at.run()


def select(at: AppTest, stage: Stage, ids: list[int]) -> AppTest:
    work_of(at, stage).select(np.array(ids), kind="test")
    return at.run()


def tags_of(stage: Stage, image_id: int) -> list[str]:
    with reading() as session:
        return [tag.name for tag in image_tags(session, [image_id]).get(image_id, [])]


def test_an_empty_project_says_what_to_do_next(open_page: OpenPage, viewer) -> None:  # type: ignore[no-untyped-def]
    project = create_project(viewer, "New", "yolo11n")
    at = open_page(PAGE, project.id)
    assert "folders or zip files" in written(at)
    assert [button.label for button in at.main.button if "Add images" in button.label]


def test_a_query_narrows_the_result_and_stands_in_the_address(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "pred:cat AND conf:>0.1")
    assert "**3** of 10 images" in written(at)
    assert at.query_params["q"] == "pred:cat AND conf:>0.1"
    at = ask(at, analysed, "")
    assert "**10** images" in written(at)
    assert "q" not in at.query_params


def test_a_link_with_a_query_opens_its_result(open_page: OpenPage, analysed: Stage) -> None:
    at = open_page("home.py", analysed.id)
    at.query_params["q"] = "pred:dog"
    at.switch_page(PAGE).run()
    assert field_text(at, analysed) == "pred:dog"
    assert "**5** of 10 images" in written(at)


def test_a_wrong_query_is_explained_and_the_last_result_stays(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "pred:cat")
    at = ask(at, analysed, "pred:cat AND cnof:>1")
    assert "Character 14" in at.error[0].value
    assert "Did you mean “conf:”?" in written(at).replace("\\", "")
    assert "**5** of 10 images" in written(at)
    assert field_text(at, analysed) == "pred:cat AND cnof:>1"
    assert at.query_params["q"] == "pred:cat"


def test_nothing_found_offers_all_images_again(open_page: OpenPage, analysed: Stage) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "tag:none")
    (show_all,) = [button for button in at.main.button if button.label == "Show all images"]
    show_all.click().run()
    assert "**10** images" in written(at)


def test_the_order_holds_for_the_result(open_page: OpenPage, analysed: Stage) -> None:
    at = open_page(PAGE, analysed.id)
    at.selectbox(key=f"order:{analysed.id}").set_value("-confidence").run()
    search = at.session_state["searches"][analysed.id]
    with reading() as session:
        wanted = find(session, analysed.viewer, analysed.project, "", "-confidence")
    assert search.run(analysed.project, "").ids.tolist() == wanted.tolist()
    assert wanted[0] == analysed.images[9]


def test_the_result_is_not_asked_for_again_until_data_change(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, 'tag:"sc*ratch"')
    search = at.session_state["searches"][analysed.id]
    first = search._ids
    at.run()
    assert search._ids is first
    add_tag(analysed.viewer, analysed.id, "sc*ratch", analysed.images[5:7])
    at.run()
    assert "**5** of 10 images" in written(at)


def built(at: AppTest, part: str) -> list[object]:
    """The builder's widgets of one kind, by the end of their key."""
    everything = [*at.main.selectbox, *at.main.multiselect, *at.main.text_input, *at.main.button]
    return [each for each in everything if str(each.key).endswith(f":{part}")]


def build(open_page: OpenPage, stage: Stage, query: str) -> AppTest:
    at = ask(open_page(PAGE, stage.id), stage, query)
    at.session_state[f"search_panel:{stage.id}"] = "build"
    return at.run()


def test_the_builder_shows_the_query_and_writes_it(open_page: OpenPage, analysed: Stage) -> None:
    at = build(open_page, analysed, 'pred:cat AND NOT tag:"sc*ratch"')
    assert [box.value for box in built(at, "field")] == ["pred", "tag"]  # type: ignore[attr-defined]
    assert [box.value for box in at.main.checkbox] == [False, True]
    animals = next(box for box in at.main.multiselect if ":values" in str(box.key))
    assert animals.options == ["cat (5)", "dog (5)"]
    animals.set_value(["cat", "dog"]).run()
    assert field_text(at, analysed) == "pred:(cat, dog) AND NOT tag:sc*ratch"
    assert "**7** of 10 images" in written(at)
    at.main.checkbox[1].uncheck().run()
    assert "**3** of 10 images" in written(at)


def test_brackets_are_made_negated_and_left_again(open_page: OpenPage, analysed: Stage) -> None:
    at = build(open_page, analysed, "pred:cat AND NOT (conf:>0.3 OR no:pred) AND name:a")
    assert [box.value for box in at.main.segmented_control if ":joiner" in str(box.key)] == [
        "and", "or",
    ]  # fmt: skip
    wrap, *_ = built(at, "wrap")
    wrap.click().run()  # type: ignore[attr-defined]
    assert field_text(at, analysed).startswith("pred:cat AND NOT (conf:>0.3 OR NOT has:pred)")
    nots = [box for box in at.main.checkbox if box.label == "not" and box.value]
    nots[0].uncheck().run()
    assert field_text(at, analysed) == "pred:cat AND (conf:>0.3 OR NOT has:pred) AND name:a"
    *_, last = built(at, "remove")
    last.click().run()  # type: ignore[attr-defined]
    assert field_text(at, analysed) == "pred:cat AND (conf:>0.3 OR NOT has:pred)"


def test_a_new_condition_waits_for_its_value(open_page: OpenPage, analysed: Stage) -> None:
    at = build(open_page, analysed, "pred:cat")
    next(iter(built(at, "add_group"))).click().run()  # type: ignore[attr-defined]
    assert field_text(at, analysed) == "pred:cat"
    *_, values = [box for box in at.main.multiselect if ":values" in str(box.key)]
    values.set_value(["sc*ratch"]).run()
    assert field_text(at, analysed) == "pred:cat AND tag:sc*ratch"
    assert "**3** of 10 images" in written(at)


def test_what_no_widgets_show_is_changed_as_text(open_page: OpenPage, analysed: Stage) -> None:
    at = build(open_page, analysed, "box:dent count:>=2 OR width:(640, 800)")
    texts = [field for field in at.main.text_input if ":text" in str(field.key)]
    assert [field.value for field in texts] == ["box:dent count:>=2", "width:(640, 800)"]
    texts[1].set_value("width:(1, 2)").run()
    assert field_text(at, analysed) == "box:dent count:>=2 OR width:(1, 2)"


def test_a_builder_row_that_cannot_be_read_says_why_and_is_left_out(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = build(open_page, analysed, "pred:cat AND conf:>0.2")
    box = next(field for field in at.main.text_input if ":text" in str(field.key))
    box.set_value("much").run()
    assert "“much” is no number from 0 to 1" in written(at).replace("\\", "")
    assert field_text(at, analysed) == "pred:cat"
    assert next(f for f in at.main.text_input if ":text" in str(f.key)).value == "much"


def test_an_example_is_added_to_the_query(open_page: OpenPage, analysed: Stage) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "pred:cat")
    at.session_state[f"search_panel:{analysed.id}"] = "guide"
    at.run()
    button = at.button(key="example:width")
    example = button.label.replace("\\", "")
    button.click().run()
    assert field_text(at, analysed) == f"pred:cat AND {example}"


def test_selected_images_are_tagged_untagged_and_the_change_taken_back(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:5])
    assert "#### 5 selected" in written(at)
    at.multiselect(key=f"tags:{analysed.id}:add").set_value(["new <b>"]).run()
    assert tags_of(analysed, analysed.images[4]) == ["new <b>"]
    assert at.multiselect(key=f"tags:{analysed.id}:add").value == []
    present = at.button_group(key=f"tags:{analysed.id}:remove")
    assert present.options == [
        r"new \<b\> · 5/5 :material/close:", r"sc\*ratch · 3/5 :material/close:",
    ]  # fmt: skip
    present.set_value("sc*ratch").run()
    assert tags_of(analysed, analysed.images[0]) == ["new <b>"]
    at.button(key="undo_images:undo").click().run()
    assert tags_of(analysed, analysed.images[0]) == ["new <b>", "sc*ratch"]
    at.button(key="undo_images:redo").click().run()
    assert tags_of(analysed, analysed.images[0]) == ["new <b>"]


def test_an_unfit_tag_is_refused_and_stays_in_the_field(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:1])
    at.multiselect(key=f"tags:{analysed.id}:add").set_value(["x" * 101]).run()
    assert "Shorten it" in written(at)
    assert at.multiselect(key=f"tags:{analysed.id}:add").value == ["x" * 101]


def test_a_selection_is_kept_under_a_name_that_a_query_finds(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[2:6])
    at.text_input(key="selection_name").set_value("odd ones")
    next(b for b in at.main.button if b.label == "Save").click().run()
    with reading() as session:
        ((saved, size),) = selections(session, analysed.viewer, analysed.project)
    assert (saved.name, size) == ("odd ones", 4)
    assert r'in\:"odd ones"' in at.success[0].value
    at = ask(at, analysed, 'in:"odd ones"')
    assert "**4** of 10 images" in written(at)


def test_images_outside_the_result_stay_selected_and_are_counted(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[3:8])
    at = ask(at, analysed, "pred:dog")
    assert "#### 5 selected" in written(at)
    assert "2 of them are outside" in written(at)


def test_an_opened_image_shows_what_is_known_of_it(open_page: OpenPage, analysed: Stage) -> None:
    with writing() as session:
        image = session.get_one(Image, analysed.images[7])
        image.name, image.camera = "line/<i>*7*.png", "Cam & Co"
        session.add(image)
    at = open_page(PAGE, analysed.id)
    work_of(at, analysed).opened = analysed.images[7]
    at.run()
    assert r"**\<i\>\*7\*\.png**" in written(at)
    assert "### dog · 70%" in written(at)
    facts = "".join(str(part.proto.body) for part in at.main.get("html"))
    assert "line/&lt;i&gt;*7*.png" in facts
    assert "Cam &amp; Co" in facts
    at.button(key="back").click().run()
    assert work_of(at, analysed).opened is None
    assert "back" not in keys(at)


def test_tagging_the_opened_image_does_not_take_away_its_neighbours(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "no:tag AND pred:cat")
    work_of(at, analysed).opened = analysed.images[3]
    at.run()
    at.multiselect(key=f"tags:{analysed.images[3]}:add").set_value(["seen"]).run()
    assert "**1** of 10 images" in written(at)
    kept = at.session_state[f"opened_among:{analysed.id}"]
    assert kept.tolist() == analysed.images[3:5]


def test_an_image_that_is_gone_says_so(open_page: OpenPage, analysed: Stage) -> None:
    at = open_page(PAGE, analysed.id)
    work_of(at, analysed).opened = 4711
    at.run()
    assert "4711" in at.error[0].value
    assert "back" in keys(at)


def test_the_history_of_an_image_lists_its_changes(open_page: OpenPage, analysed: Stage) -> None:
    at = open_page(PAGE, analysed.id)
    work_of(at, analysed).opened = analysed.images[0]
    at.session_state[f"detail_section:{analysed.id}"] = "history"
    at.run()
    assert "Added the tag “sc*ratch” · images: 3" in written(at).replace("\\", "")


def test_the_page_speaks_korean(open_page: OpenPage, analysed: Stage) -> None:
    at = open_page(PAGE, analysed.id, language="ko")
    assert "이미지 **10**장" in written(at)
    # The test's own thread names a widget's options too.
    use_language("ko")
    try:
        work_of(at, analysed).opened = analysed.images[0]
        at.run()
    finally:
        use_language("en")
    assert at.multiselect(key=f"tags:{analysed.images[0]}:add").label == "태그 추가"


def test_an_empty_project_leads_to_its_upload_page(open_page: OpenPage, viewer) -> None:  # type: ignore[no-untyped-def]
    at = open_page(PAGE, create_project(viewer, "New", "yolo11n").id)
    next(button for button in at.main.button if button.label == "Add images").click().run()
    assert not at.exception
    assert "folders or zip files; they are analysed" not in written(at)


def test_a_selection_is_taken_along_to_the_map(open_page: OpenPage, analysed: Stage) -> None:
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:5])
    next(button for button in at.main.button if "Make a map" in button.label).click().run()
    assert not at.exception
    assert "#### 5 selected" not in written(at)
    assert work_of(at, analysed).selected.tolist() == analysed.images[:5]


def test_the_builder_and_the_facets_keep_sample_order_and_limit(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = build(open_page, analysed, "pred:cat order by -conf limit 2")
    animals = next(box for box in at.main.multiselect if ":values" in str(box.key))
    animals.set_value(["cat", "dog"]).run()
    assert field_text(at, analysed) == "pred:(cat, dog) order by conf desc limit 2"
    assert "**2** of 10 images" in written(at)


def test_tags_alone_do_not_say_a_limit(open_page: OpenPage, analysed: Stage) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "tag:sc*ratch limit 2")
    at.segmented_control(key=f"query_mode:{analysed.id}").set_value("tags").run()
    assert field_text(at, analysed) == ""
    assert "limit 2" in written(at)
