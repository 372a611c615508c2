"""Around the query of the images page: suggestions, saved queries, counts, the tags' dialog."""

from streamlit.testing.v1 import AppTest

from core.curation import add_tag, image_tags, set_attribute
from core.database import reading
from tests.core.curation.conftest import Stage, stage
from tests.pages.conftest import OpenPage, keys, written
from tests.pages.test_images import PAGE, analysed, ask, field_text, select, work_of

DIALOG = """
import streamlit as st
from components.tagging import manage_tags

manage_tags(st.session_state.project)
"""


def test_a_mistyped_value_is_offered_again(open_page: OpenPage, analysed: Stage) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "pred:cta")
    offered = at.button(key=f"did_you_mean:{analysed.id}")
    assert "pred:cat" in offered.label.replace("\\", "")
    offered.click().run()
    assert field_text(at, analysed) == "pred:cat"
    assert "**5** of 10 images" in written(at)


def test_a_query_is_saved_watched_opened_and_forgotten(
    open_page: OpenPage,
    analysed: Stage,
) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, 'tag:"sc*ratch"')
    at.session_state[f"search_panel:{analysed.id}"] = "saved"
    at.run()
    at.text_input(key="query_name").set_value("Scratched")
    next(b for b in at.main.button if b.label == "Save" and b.proto.is_form_submitter).click().run()
    assert not at.exception
    opened = next(key for key in keys(at) if key.startswith("open_query:"))
    assert "3 images" in written(at)
    add_tag(analysed.viewer, analysed.id, "sc*ratch", analysed.images[3:5])
    ask(at, analysed, "")
    assert "5 images" in written(at)
    assert "2 new since" in written(at).replace("\\", "")
    at.button(key=opened).click().run()
    assert field_text(at, analysed) == 'tag:"sc*ratch"'
    assert "new since" not in written(at)
    at.button(key=opened.replace("open", "forget")).click().run()
    assert opened not in keys(at)


def test_the_counts_follow_the_query(open_page: OpenPage, analysed: Stage) -> None:
    set_attribute(analysed.viewer, analysed.id, "line", "A 3", analysed.images[2:4])
    at = ask(open_page(PAGE, analysed.id), analysed, 'tag:"sc*ratch"')
    counted = at.session_state["searches"][analysed.id]._facets['tag:"sc*ratch"']
    assert work_of(at, analysed).query == 'tag:"sc*ratch"'
    assert counted["pred"] == [("cat", 3)]
    assert counted["meta.line"] == [("A 3", 1)]
    assert counted["box"] == []


def test_a_tag_is_merged_into_another(
    open_page: OpenPage,
    analysed: Stage,
) -> None:
    add_tag(analysed.viewer, analysed.id, "dent", analysed.images[2:4])
    at = open_page(PAGE, analysed.id)
    next(b for b in at.main.button if b.label == "Manage tags").click().run()
    assert not at.exception
    assert at.selectbox(key=f"manage:{analysed.id}:tag").options == ["dent (2)", "sc*ratch (3)"]
    # A test's run is always of the whole page, which closes a dialog: here it opens in each.
    at = AppTest.from_string(DIALOG, default_timeout=20)
    at.session_state["project"] = analysed.project
    at.run()
    into = next(box for box in at.selectbox if str(box.key).endswith(":into"))
    into.set_value("sc*ratch").run()
    next(b for b in at.button if b.label == "Merge").click().run()
    assert not at.exception
    with reading() as session:
        found = image_tags(session, analysed.images)
    assert {name for tags in found.values() for name in (t.name for t in tags)} == {"sc*ratch"}
    assert len(found) == 4


def test_a_field_is_set_for_all_selected_images(
    open_page: OpenPage,
    analysed: Stage,
) -> None:
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:4])
    at.text_input(key="bulk_field").set_value("pressure")
    at.selectbox(key="bulk_kind").set_value("number")
    at.text_input(key="bulk_value").set_value("2.5")
    at.button(key="bulk_metadata_set").click().run()
    assert not at.exception
    ask(at, analysed, "meta.pressure:>2")
    assert "**4** of 10 images" in written(at)


def test_a_value_that_is_no_number_is_explained(open_page: OpenPage, analysed: Stage) -> None:
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:4])
    at.text_input(key="bulk_field").set_value("pressure")
    at.selectbox(key="bulk_kind").set_value("number")
    at.text_input(key="bulk_value").set_value("much")
    at.button(key="bulk_metadata_set").click().run()
    assert "much" in at.error[0].value
