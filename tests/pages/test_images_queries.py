"""Around the query of the images page: suggestions, saved queries, counts, the tags' dialog."""

from streamlit.testing.v1 import AppTest

from core.curation import add_tag, image_tags, set_attribute
from core.curation.favourites import favourites, set_favourite
from core.curation.field_types import FieldType
from core.curation.fields import declare_field
from core.database import reading
from core.search.saved import save_query
from tests.core.curation.conftest import Stage, stage
from tests.pages.conftest import OpenPage, keys, written
from tests.pages.test_images import PAGE, analysed, ask, field_text, select, work_of

DIALOG = """
import streamlit as st
from components.tagging import manage_tags

manage_tags(st.session_state.project)
"""

WHOLE = """
import numpy as np
import streamlit as st
from components.whole_result import changes

changes(st.session_state.project, np.array(st.session_state.ids))
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
    at = AppTest.from_string(DIALOG, default_timeout=120)
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
    set_attribute(analysed.viewer, analysed.id, "pressure", 1, analysed.images[9:])
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:4])
    at.selectbox(key="bulk_field").set_value("pressure").run()
    at.text_input(key="bulk_value:pressure:text").set_value("2.5").run()
    at.button(key="bulk_metadata_set").click().run()
    assert not at.exception
    ask(at, analysed, "meta.pressure:>2")
    assert "**4** of 10 images" in written(at)


def test_a_declared_field_gets_its_own_widget_for_many_images(
    open_page: OpenPage, analysed: Stage
) -> None:
    declare_field(analysed.viewer, analysed.id, "state", FieldType("choice", choices=("ok", "bad")))
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:4])
    at.selectbox(key="bulk_field").set_value("state").run()
    assert at.button(key="bulk_metadata_set").disabled
    chosen = at.selectbox(key="bulk_value:state:choice")
    assert chosen.options == ["ok", "bad"]
    chosen.set_value("bad").run()
    at.button(key="bulk_metadata_set").click().run()
    ask(at, analysed, "meta.state:bad")
    assert "**4** of 10 images" in written(at)
    ask(at, analysed, "")
    select(at, analysed, analysed.images[:1])
    at.selectbox(key="bulk_field").set_value("state").run()
    at.button(key="bulk_metadata_remove").click().run()
    ask(at, analysed, "meta.state:bad")
    assert "**3** of 10 images" in written(at)


def test_a_value_that_does_not_fit_its_field_is_explained(
    open_page: OpenPage, analysed: Stage
) -> None:
    set_attribute(analysed.viewer, analysed.id, "line", "A 3", analysed.images[9:])
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:4])
    at.selectbox(key="bulk_field").set_value("line").run()
    at.text_input(key="bulk_value:line:text").set_value("a\x07").run()
    at.button(key="bulk_metadata_set").click().run()
    assert "line" in at.error[0].value


def test_a_watched_query_is_told_on_the_start_page_until_it_is_opened(
    open_page: OpenPage, analysed: Stage
) -> None:
    kept = save_query(analysed.viewer, analysed.id, "Scr*atched", 'tag:"sc*ratch"')
    at = open_page(PAGE, analysed.id)
    at.session_state[f"search_panel:{analysed.id}"] = "saved"
    at.run()
    at.button(key=f"watch_query:{kept.id}").click().run()
    assert "watch" in at.button(key=f"watch_query:{kept.id}").help
    assert f"news_{kept.id}" not in keys(open_page("home.py"))
    add_tag(analysed.viewer, analysed.id, "sc*ratch", analysed.images[3:5])
    at = open_page("home.py")
    news = at.button(key=f"news_{kept.id}")
    assert news.label.replace("\\", "") == "**Scr*atched**: 2 new since you looked just now"
    news.click().run()
    assert not at.exception
    assert field_text(at, analysed) == 'tag:"sc*ratch"'
    assert "**5** of 10 images" in written(at)
    assert f"news_{kept.id}" not in keys(open_page("home.py"))


def test_a_link_to_a_saved_query_that_is_gone_says_so(open_page: OpenPage, analysed: Stage) -> None:
    at = open_page(PAGE, analysed.id)
    for asked in ("7", "x", "9" * 30):
        at.query_params["saved"] = asked
        at.run()
        assert "is not there any more" in written(at)
        assert "saved" not in at.query_params
    at.run()
    assert "is not there any more" not in written(at)


def test_everything_that_is_found_is_tagged_at_once_and_undone(
    open_page: OpenPage, analysed: Stage
) -> None:
    at = ask(open_page(PAGE, analysed.id), analysed, "pred:cat")
    opener = at.button(key=f"change_all:{analysed.id}")
    assert opener.label == "Change all 5 results…"
    opener.click().run()
    assert not at.exception
    assert at.button(key="whole_result:add_button").disabled
    at = AppTest.from_string(WHOLE, default_timeout=120)
    at.session_state["project"], at.session_state["ids"] = analysed.project, analysed.images[:5]
    at.run()
    field = at.selectbox(key="whole_result:add")
    field.options.append("all * cats")
    field.set_value("all * cats").run()
    # What was typed is not among the options that a test sees.
    at.selectbox(key="whole_result:add").options.append("all * cats")
    give = at.button(key="whole_result:add_button")
    assert give.label == "Give it to all 5"
    give.click().run()
    assert not at.exception
    assert tagged(analysed, "all * cats") == analysed.images[:5]
    at.selectbox(key="whole_result:add").options.append("all * cats")
    at.selectbox(key="whole_result:remove").set_value("sc*ratch").run()
    at.selectbox(key="whole_result:add").options.append("all * cats")
    take = at.button(key="whole_result:remove_button")
    assert take.label == "Take it from 3"
    take.click().run()
    assert tagged(analysed, "sc*ratch") == []
    page = open_page(PAGE, analysed.id)
    for name, expected in (("undo", 3), ("undo", 3), ("redo", 3), ("redo", 0)):
        page.button(key=f"undo_images:{name}").click().run()
        assert len(tagged(analysed, "sc*ratch")) == expected
    assert tagged(analysed, "all * cats") == analysed.images[:5]


def tagged(stage: Stage, name: str) -> list[int]:
    with reading() as session:
        found = image_tags(session, stage.images)
    return [i for i in stage.images if name in {tag.name for tag in found.get(i, [])}]


def test_favourites_are_given_and_taken_by_their_chips(
    open_page: OpenPage, analysed: Stage
) -> None:
    set_favourite(analysed.viewer, analysed.id, "sc*ratch", 4)
    at = select(open_page(PAGE, analysed.id), analysed, analysed.images[:5])
    chip = f"tags:{analysed.id}:favourite:4"
    assert at.button(key=chip).label.replace("\\", "") == ":gray-badge[4] sc*ratch"
    at.button(key=chip).click().run()
    assert tagged(analysed, "sc*ratch") == analysed.images[:5]
    at.button(key=chip).click().run()
    assert tagged(analysed, "sc*ratch") == []
    at.button(key="undo_images:undo").click().run()
    assert tagged(analysed, "sc*ratch") == analysed.images[:5]


def test_the_dialog_shows_the_tree_and_gives_keys(open_page: OpenPage, analysed: Stage) -> None:
    for name in ("dent", "dent/deep", "dent/deep/rusty", "dent-like", "other/part"):
        add_tag(analysed.viewer, analysed.id, name, analysed.images[:1])
    at = AppTest.from_string(DIALOG, default_timeout=120)
    at.session_state["project"] = analysed.project
    at.run()
    box = at.selectbox(key=f"manage:{analysed.id}:tag")
    assert [option.replace("\u2003", "_") for option in box.options] == [
        "dent (1)", "_└ deep (1)", "__└ rusty (1)", "dent-like (1)", "other/part (1)",
        "sc*ratch (3)",
    ]  # fmt: skip
    box.set_value("dent/deep").run()
    given = next(box for box in at.selectbox if ":key:" in str(box.key))
    given.set_value(2).run()
    assert not at.exception
    with reading() as session:
        found = favourites(session, analysed.viewer, analysed.project)
    assert {number: tag.name for number, tag in found.items()} == {2: "dent/deep"}
