"""The map page: what is missing for a map, the form, a finished map and what it is used for."""

from types import SimpleNamespace

import numpy as np
import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from components.map import MapColours, MapPoints
from components.map_page import MapState
from components.map_page.alike import select_alike
from components.map_page.asking import answer
from components.map_page.shown import Shown
from components.workspace import Workspace
from core.accounts.access import Viewer, local_viewer
from core.analysis.tables import Prediction
from core.curation.links import keep_for_link
from core.database import reading, writing
from core.jobs import runner
from core.jobs.tables import Job, JobState
from core.maps import LoadedMap, load_map, maps
from core.maps.run import begin_map, run_map
from core.maps.tables import Map
from core.projects.store import create_project
from core.projects.tables import Project
from core.settings import ROOT
from tests.core.maps.conftest import MODEL, AnalysedProject, add_images, analysed
from tests.pages.conftest import OpenPage, keys, written

PAGE = "map.py"


def project_of(analysed: AnalysedProject) -> Project:
    with reading() as session:
        return session.get_one(Project, analysed.id)


def predict(image_ids: np.ndarray) -> None:
    """Let every image have a prediction, as images that were analysed have."""
    with writing() as session:
        for image_id in image_ids.tolist():
            session.add(
                Prediction(image_id=image_id, model_key=MODEL, label="bolt", confidence=0.5)
            )


@pytest.fixture
def ready(analysed: AnalysedProject) -> AnalysedProject:
    """The project, its images with predictions too."""
    predict(analysed.image_ids)
    return analysed


@pytest.fixture
def finished(viewer: Viewer, analysed: AnalysedProject, open_page: OpenPage) -> Map:
    """A map of all images of the project, by PCA in 2D."""
    new, job = begin_map(viewer, analysed.id, analysed.image_ids, {"kind": "all"}, "pca", 2, {})
    runner.run(job.id, {"map": run_map})
    return new


def work_of(at: AppTest, project_id: int) -> Workspace:
    found: Workspace = at.session_state["workspaces"][project_id]
    return found


def colours_of(at: AppTest, name: str) -> MapColours:
    """The colours that the page made last for a colouring."""
    kept = at.session_state["map_kept"]
    found: MapColours = next(
        made for key, made in reversed(kept.items()) if key[0] == "colours" and key[-1] == name
    )
    return found


def test_too_few_images_are_told_with_the_way_to_more(open_page: OpenPage, viewer: Viewer) -> None:
    project = create_project(viewer, "P", "mobilenet_v2")
    predict(add_images(viewer, project.id or 0, np.eye(9, dtype=np.float32)))
    at = open_page(PAGE, project.id)
    assert "at least 10 analysed images; this project has 9" in at.info[0].value
    assert [b.label for b in at.main.button] == ["Add images"]


def test_the_first_map_is_begun_from_the_form(
    open_page: OpenPage, viewer: Viewer, ready: AnalysedProject
) -> None:
    at = open_page(PAGE, ready.id)
    start = next(b for b in at.main.button if b.label == "Make the map")
    start.click().run()
    assert not at.exception
    with reading() as session:
        (new,) = maps(session, viewer, project_of(ready))
        job = session.get_one(Job, new.job_id)
    assert (new.method, new.dimensions, new.source["kind"]) == ("umap", 3, "all")
    assert new.image_count == len(ready.image_ids)
    assert (job.kind, job.params["map_id"]) == ("map", new.id)
    assert "being made" in written(at)


def test_parameters_cannot_exceed_what_the_images_allow(
    open_page: OpenPage, ready: AnalysedProject
) -> None:
    at = open_page(PAGE, ready.id)
    highest = at.number_input(key="map_umap_neighbours").max
    assert highest == min(200, len(ready.image_ids) - 1)


def test_a_finished_map_opens_as_it_was_and_can_be_deleted(
    open_page: OpenPage, viewer: Viewer, analysed: AnalysedProject, finished: Map
) -> None:
    at = open_page(PAGE, analysed.id)
    n = f"{len(analysed.image_ids):,}"
    assert f"All **{n}** images of the map, the oddest first" in written(at)
    assert at.query_params["map"] == str(finished.id)
    delete = next(b for b in at.main.button if b.label == "Delete this map")
    delete.click().run()
    assert not at.exception
    with reading() as session:
        assert maps(session, viewer, project_of(analysed)) == []


@pytest.mark.parametrize(
    "colour", ["prediction", "tags", "confidence", "outlier", "cluster", "neighbours"]
)
def test_every_colouring_draws(
    open_page: OpenPage, analysed: AnalysedProject, finished: Map, colour: str
) -> None:
    at = open_page(PAGE, analysed.id)
    at.session_state[f"map_colour:{analysed.id}"] = colour
    at.run()
    assert not at.exception
    assert colours_of(at, colour).codes.shape == (len(analysed.image_ids),)


def test_new_images_are_offered_and_join_the_map(
    open_page: OpenPage, viewer: Viewer, analysed: AnalysedProject, finished: Map
) -> None:
    at = open_page(PAGE, analysed.id)
    assert "Trustworthiness" in written(at)
    assert not [b for b in at.main.button if b.label.startswith("Add ")]
    add_images(viewer, analysed.id, analysed.features[:3])
    at.run()
    next(b for b in at.main.button if b.label == "Add 3 new images").click().run()
    assert not at.exception
    with reading() as session:
        job = session.exec(select(Job).where(Job.state == JobState.QUEUED)).one()
    runner.run(job.id, {"map": run_map})
    at.run()  # the new colouring is among the choices from now on
    at.session_state[f"map_colour:{analysed.id}"] = "added"
    at.run()
    assert not at.exception
    assert f"All **{len(analysed.image_ids) + 3}** images" in written(at)
    counts = {e["label"]: e["count"] for e in colours_of(at, "added").entries}
    assert counts == {"On the map before": len(analysed.image_ids), "New": 3}


def test_a_selection_is_acted_on_and_becomes_a_query(
    open_page: OpenPage, analysed: AnalysedProject, finished: Map
) -> None:
    at = open_page(PAGE, analysed.id)
    chosen = analysed.image_ids[:4]
    work_of(at, analysed.id).select(chosen, kind="lasso", map=finished.id)
    at.run()
    assert "**4** selected, the oddest first" in written(at)
    next(b for b in at.main.button if b.label == "As a query").click().run()
    assert not at.exception
    assert work_of(at, analysed.id).query.startswith('in:"')


def test_korean(open_page: OpenPage, analysed: AnalysedProject, finished: Map) -> None:
    at = open_page(PAGE, analysed.id, language="ko")
    assert "가장 특이한 것부터" in written(at)
    assert keys(at)


def open_link(analysed: AnalysedProject, **parameters: object) -> AppTest:
    """The page in a new session, opened by a link."""
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=120)
    at.session_state["language"] = "en"
    at.query_params["project"] = str(analysed.id)
    for name, value in parameters.items():
        at.query_params[name] = str(value)
    at.run()
    at.switch_page(PAGE)
    at.query_params["project"] = str(analysed.id)
    for name, value in parameters.items():
        at.query_params[name] = str(value)
    at.run()
    assert not at.exception
    return at


def test_a_link_opens_the_map_with_its_selection_colours_and_bars(
    viewer: Viewer, analysed: AnalysedProject, finished: Map
) -> None:
    chosen = analysed.image_ids[3:7]
    key = keep_for_link(viewer, analysed.id, chosen, {"kind": "lasso", "map": finished.id})
    at = open_link(analysed, map=finished.id, sel=key, colour="field:width", bars="outlier")
    work = work_of(at, analysed.id)
    assert work.selected.tolist() == chosen.tolist()
    assert work.selection.provenance == {"kind": "lasso", "map": finished.id}
    assert "**4** selected" in written(at)
    assert at.selectbox(key=f"map_colour:{analysed.id}").value == "field:width"
    assert at.selectbox(key=f"map_bars_field:{analysed.id}").value == "outlier"
    assert not at.toast


def test_a_broken_link_says_what_could_not_be_followed_and_shows_the_rest(
    analysed: AnalysedProject, finished: Map
) -> None:
    at = open_link(
        analysed, map="77", sel="gone", colour="<i>", bars="x", cam="1_2", focus="tagg:", beside="9"
    )
    said = "\n".join(toast.value for toast in at.toast)
    for part in (
        "map of this link",
        "selection of this link",
        "camera",
        "colours",
        "field",
        "query",
    ):
        assert part in said
    assert f"All **{len(analysed.image_ids)}** images" in written(at)
    at.run()
    assert not at.toast


def test_a_query_on_the_page_selects_in_the_mode_in_force(
    open_page: OpenPage, analysed: AnalysedProject, finished: Map
) -> None:
    at = open_page(PAGE, analysed.id)
    state: MapState = at.session_state["map_states"][analysed.id]
    shown = Shown(project_of(analysed), work_of(at, analysed.id), state, *loaded(finished))
    first, second = analysed.image_ids[:2].tolist()
    answer(shown, f"id:{first}")
    assert shown.work.selected.tolist() == [first]
    assert shown.work.selection.provenance == {"kind": "query", "query": f"id:{first}"}
    state.mode = "add"
    answer(shown, f"id:{second}")
    assert shown.work.selected.tolist() == [first, second]
    state.mode = "remove"
    answer(shown, f"id:{first}")
    assert shown.work.selected.tolist() == [second]
    answer(shown, "")
    assert len(shown.work.selected) == 0


def test_a_query_heeds_the_switch_that_was_pressed_just_before_it(
    open_page: OpenPage,
    analysed: AnalysedProject,
    finished: Map,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = open_page(PAGE, analysed.id)
    state: MapState = at.session_state["map_states"][analysed.id]
    shown = Shown(project_of(analysed), work_of(at, analysed.id), state, *loaded(finished))
    # The run that the press began was cut short by the query: only the browser's value is there.
    pressed = SimpleNamespace(session_state={f"map_query_does:{analysed.id}": "dim"})
    monkeypatch.setattr("components.map_page.asking.st", pressed)
    answer(shown, f"id:{analysed.image_ids[0]}")
    assert state.focus == f"id:{analysed.image_ids[0]}"
    assert len(shown.work.selected) == 0


def test_more_like_this_keeps_the_examples_and_says_where_it_comes_from(
    open_page: OpenPage, analysed: AnalysedProject, finished: Map
) -> None:
    at = open_page(PAGE, analysed.id)
    state: MapState = at.session_state["map_states"][analysed.id]
    shown = Shown(project_of(analysed), work_of(at, analysed.id), state, *loaded(finished))
    first = int(analysed.image_ids[0])
    select_alike(shown, np.array([first]), 9)
    assert shown.work.selected[0] == first
    assert set(shown.work.selected.tolist()) == set(analysed.image_ids[:10].tolist())
    assert shown.work.selection.provenance == {
        "kind": "alike", "of": [first], "examples": 1, "number": 9, "model": MODEL,
    }  # fmt: skip
    at.run()
    assert not at.exception
    assert "**10** selected" in written(at)


def loaded(found: Map) -> tuple[LoadedMap, MapPoints]:
    with reading() as session:
        arrays = load_map(session, local_viewer(), found.id or 0)
    return arrays, MapPoints(arrays.coordinates, arrays.image_ids)
