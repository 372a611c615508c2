"""Deleting into the bin and restoring: what is out of sight, exact ways back."""

import numpy as np
import pytest
import sqlalchemy as sa

from core.analysis.tables import Prediction
from core.annotations import offered_classes, set_label
from core.bin import bin_size, binned_ids, delete_images, restore_images
from core.curation import add_tag, save_selection, selection_ids, selections, tags
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.formats.table import image_table
from core.history import image_events, undo, unpack_ids
from core.media.tables import Image
from core.projects.store import list_projects
from core.search import count, facets, find


def deleted_at(stage) -> dict:
    with reading() as session:
        return dict(session.execute(sa.select(Image.id, Image.deleted_at)).all())


def test_images_go_into_the_bin_and_come_back(stage):
    event = delete_images(stage.viewer, stage.id, [*stage.images[:3], *stage.foreign_images, 4711])
    assert unpack_ids(event.image_ids).tolist() == stage.images[:3]
    assert delete_images(stage.viewer, stage.id, stage.images[:3]) is None
    delete_images(stage.viewer, stage.id, stage.images[5:6])
    with reading() as session:
        assert bin_size(session, stage.viewer, stage.project) == 4
        assert binned_ids(session, stage.viewer, stage.project).tolist() == [
            stage.images[5], *stage.images[:3],
        ]  # fmt: skip
    restored = restore_images(stage.viewer, stage.id, stage.images)
    assert unpack_ids(restored.image_ids).tolist() == [*stage.images[:3], stage.images[5]]
    assert set(deleted_at(stage).values()) == {None}
    assert restore_images(stage.viewer, stage.id, stage.images) is None


def test_undo_and_redo_put_back_even_the_moments(stage):
    delete_images(stage.viewer, stage.id, stage.images[:2])
    first = deleted_at(stage)
    event = delete_images(stage.viewer, stage.id, stage.images[2:4])
    second = deleted_at(stage)
    restored = restore_images(stage.viewer, stage.id, stage.images)
    undo(stage.viewer, restored.id)
    assert deleted_at(stage) == second
    back = undo(stage.viewer, event.id)
    assert deleted_at(stage) == first
    undo(stage.viewer, back.id)
    assert deleted_at(stage) == second


def test_an_undo_leaves_alone_what_was_deleted_again(stage):
    one, two = stage.images[:2]
    event = delete_images(stage.viewer, stage.id, [one, two])
    restore_images(stage.viewer, stage.id, [one])
    delete_images(stage.viewer, stage.id, [one])
    undo(stage.viewer, event.id)
    with reading() as session:
        assert binned_ids(session, stage.viewer, stage.project).tolist() == [one]
    restore_images(stage.viewer, stage.id, [one])
    again = delete_images(stage.viewer, stage.id, [two])
    restore_images(stage.viewer, stage.id, [two])
    with pytest.raises(UserError, match="Nothing is left"):
        undo(stage.viewer, again.id)


def test_no_view_and_no_count_sees_what_is_in_the_bin(stage):
    viewer, project, ids = stage.viewer, stage.project, stage.images
    with writing() as session:
        session.add_all(
            Prediction(image_id=i, model_key="m", label="cat", confidence=0.5) for i in ids
        )
    add_tag(viewer, stage.id, "a", ids)
    save_selection(viewer, stage.id, "kept", ids[:5], {})
    set_label(viewer, stage.id, "only there", ids[:1])
    with reading() as session:
        assert count(session, viewer, project, "") == 10
    delete_images(viewer, stage.id, ids[:2])
    with reading() as session:
        assert count(session, viewer, project, "tag:a") == 8
        assert find(session, viewer, project, "in:kept").tolist() == ids[2:5]
        found = facets(session, viewer, project, "")
        assert (found["tag"], found["pred"], found["in"]) == (
            [("a", 8)], [("cat", 8)], [("kept", 3)],
        )  # fmt: skip
        assert [n for _, n in tags(session, viewer, project)] == [8]
        ((saved, size),) = selections(session, viewer, project)
        assert size == 3
        assert selection_ids(session, viewer, saved.id).tolist() == ids[2:5]
        assert image_table(session, viewer, project, ids)["image_id"].tolist() == ids[2:]
        sizes = {each.project.id: each.image_count for each in list_projects(session, viewer)}
        assert sizes[stage.id] == 8
        assert offered_classes(session, viewer, project) == []
        with pytest.raises(NotFound):
            image_events(session, viewer, ids[0])


def test_what_is_changed_for_all_passes_the_bin_over(stage):
    delete_images(stage.viewer, stage.id, stage.images[:2])
    event = add_tag(stage.viewer, stage.id, "a", stage.images)
    assert unpack_ids(event.image_ids).tolist() == stage.images[2:]


def test_many_images_are_one_change(stage):
    event = delete_images(stage.viewer, stage.id, np.array(stage.images))
    assert event.image_count == 10
    undo(stage.viewer, event.id)
    assert set(deleted_at(stage).values()) == {None}
