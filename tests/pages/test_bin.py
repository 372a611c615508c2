"""Deleting from the images page, and the bin's own page."""

import numpy as np
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from components.workspace import Workspace
from core.bin import binned_ids, delete_images
from core.database import reading
from core.jobs.tables import Job
from tests.core.curation.conftest import Stage, stage
from tests.core.ingest.conftest import Drop, drop, no_registry, picture, project
from tests.pages.conftest import OpenPage, keys, written

__all__ = ["drop", "no_registry", "project", "stage"]


def work_of(at: AppTest, stage: Stage) -> Workspace:
    found: Workspace = at.session_state["workspaces"][stage.id]
    return found


def in_bin(stage: Stage) -> list[int]:
    with reading() as session:
        return sorted(binned_ids(session, stage.viewer, stage.project).tolist())


def test_a_selection_goes_into_the_bin_and_comes_back(open_page: OpenPage, stage: Stage) -> None:
    at = open_page("images.py", stage.id)
    assert "open_bin" not in keys(at)
    work_of(at, stage).select(np.array(stage.images[:4]), kind="test")
    at.run()
    at.button(key=f"delete_images:{stage.id}").click().run()
    assert in_bin(stage) == stage.images[:4]
    assert "**6** images" in written(at)
    assert not len(work_of(at, stage).selected)
    assert at.button(key="open_bin").label == "Bin (4)"
    at.button(key="undo_images:undo").click().run()
    assert in_bin(stage) == []
    assert "**10** images" in written(at)


def test_deleting_the_opened_image_goes_on_to_the_next(open_page: OpenPage, stage: Stage) -> None:
    at = open_page("images.py", stage.id)
    work_of(at, stage).opened = stage.images[8]
    at.run()
    at.button(key=f"delete_images:{stage.id}").click().run()
    assert work_of(at, stage).opened == stage.images[9]
    at.button(key=f"delete_images:{stage.id}").click().run()
    assert work_of(at, stage).opened == stage.images[7]
    assert not at.error
    assert in_bin(stage) == stage.images[8:]


def test_the_bin_restores_and_is_emptied_only_after_a_second_step(
    open_page: OpenPage, stage: Stage
) -> None:
    delete_images(stage.viewer, stage.id, stage.images[:3])
    at = open_page("bin.py", stage.id)
    assert "**3** images" in written(at)
    at.session_state[f"bin_chosen:{stage.id}"] = np.array(stage.images[:1])
    at.run()
    at.button(key="restore").click().run()
    assert in_bin(stage) == stage.images[1:3]
    at.button(key="remove").click().run()
    assert in_bin(stage) == stage.images[1:3]
    with reading() as session:
        assert session.execute(sa.select(Job.kind)).scalars().all() == []
    (sure,) = [button for button in at.button if button.key == "remove_now"]
    assert sure.label == "Remove 2 for good"
    sure.click().run()
    with reading() as session:
        assert session.execute(sa.select(Job.kind)).scalars().all() == ["bin"]
    at.button(key="undo_bin:undo").click().run()
    assert in_bin(stage) == stage.images[:3]


def test_an_empty_bin_says_what_it_is_for(open_page: OpenPage, stage: Stage) -> None:
    at = open_page("bin.py", stage.id, language="ko")
    assert "휴지통이 비어 있습니다" in written(at)
    assert "remove" not in keys(at)


def test_a_batch_says_what_lies_in_the_bin_and_restores_it(
    open_page: OpenPage,
    viewer,  # type: ignore[no-untyped-def]
    project,  # type: ignore[no-untyped-def]
    drop: Drop,
) -> None:
    drop({"a.jpg": picture(1)})
    with reading() as session:
        (image_id,) = session.execute(sa.text("SELECT id FROM image")).scalars()
    delete_images(viewer, project.id, [image_id])
    batch, _ = drop({"b.jpg": picture(1)})
    at = open_page("upload.py", project.id)
    assert "1 in the bin" in written(at)
    at.button(key=f"restore_batch:{batch.id}").click().run()
    with reading() as session:
        assert not len(binned_ids(session, viewer, project))
    assert f"restore_batch:{batch.id}" not in keys(at)
