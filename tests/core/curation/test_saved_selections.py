"""Saved selections: kept by name, replaced only on request, restored exactly."""

import numpy as np
import pytest

from core.curation import delete_selection, save_selection, selection_ids, selections
from core.database import reading
from core.errors import NotFound, UserError
from core.history import events, undo


def state(stage) -> dict:
    with reading() as session:
        return {
            saved.name: (
                saved.provenance,
                saved.created_at,
                selection_ids(session, stage.viewer, saved.id).tolist(),
                number,
            )
            for saved, number in selections(session, stage.viewer, stage.project)
        }


def last_event_id(stage) -> int:
    with reading() as session:
        return events(session, stage.viewer, stage.project)[0].id


def save(stage, name, ids, **more):
    return save_selection(stage.viewer, stage.id, name, ids, {"kind": "lasso", "map": 3}, **more)


def test_a_selection_is_kept_with_its_provenance(stage):
    saved = save(stage, " Mine ", np.array([*stage.images[:3], *stage.foreign_images]))
    assert state(stage) == {
        "Mine": ({"kind": "lasso", "map": 3}, saved.created_at, stage.images[:3], 3)
    }
    with reading() as session:
        assert selection_ids(session, stage.viewer, saved.id).dtype == np.int64


def test_a_taken_name_is_replaced_only_on_request(stage):
    save(stage, "mine", stage.images[:3])
    with pytest.raises(UserError):
        save(stage, "MINE", stage.images[5:])
    save(stage, "MINE", stage.images[5:], replace=True)
    assert {name: s[2] for name, s in state(stage).items()} == {"MINE": stage.images[5:]}


def test_empty_selections_and_unfit_names_are_refused(stage):
    for name, ids in (("x", []), ("x", stage.foreign_images), ("", stage.images)):
        with pytest.raises(UserError):
            save(stage, name, ids)
    assert state(stage) == {}


def test_undo_and_redo_of_save_replace_and_delete(stage):
    states = [state(stage)]
    save(stage, "mine", stage.images[:3])
    states.append(state(stage))
    event_ids = [last_event_id(stage)]
    saved = save(stage, "Mine", stage.images[2:6], replace=True)
    states.append(state(stage))
    event_ids.append(last_event_id(stage))
    event_ids.append(delete_selection(stage.viewer, saved.id).id)
    states.append(state(stage))
    undone = []
    for event_id, earlier in zip(event_ids[::-1], states[-2::-1], strict=True):
        undone.append(undo(stage.viewer, event_id).id)
        assert state(stage) == earlier
    for event_id, later in zip(undone[::-1], states[1:], strict=True):
        undo(stage.viewer, event_id)
        assert state(stage) == later


def test_undo_is_refused_when_the_selection_changed_since(stage):
    save(stage, "mine", stage.images[:3])
    first = last_event_id(stage)
    save(stage, "mine", stage.images[5:], replace=True)
    with pytest.raises(UserError):
        undo(stage.viewer, first)


def test_an_unknown_selection_is_not_found(stage):
    with pytest.raises(NotFound):
        delete_selection(stage.viewer, 99)
    with reading() as session, pytest.raises(NotFound):
        selection_ids(session, stage.viewer, 99)
