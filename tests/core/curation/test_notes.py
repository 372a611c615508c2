"""Notes: written, changed, taken away, undone; nothing is lost between two editors."""

import pytest

from core.curation import set_note
from core.curation.notes import MAX_NOTE
from core.database import reading
from core.errors import NotFound, Outdated, UserError
from core.history import image_events, undo
from core.media.images import load_image


def note_of(stage, image_id: int) -> str:
    with reading() as session:
        return load_image(session, stage.viewer, image_id).note


def test_a_note_is_written_changed_taken_away_and_put_back(stage):
    one = stage.images[0]
    first = set_note(stage.viewer, one, "  a scratch,\r\nnear the edge \n")
    assert note_of(stage, one) == "a scratch,\nnear the edge"
    second = set_note(stage.viewer, one, "흠집", seen="a scratch,\nnear the edge")
    assert set_note(stage.viewer, one, " 흠집") is None
    third = set_note(stage.viewer, one, "")
    assert (first.kind, second.kind, third.kind) == ("note.set", "note.set", "note.removed")
    back = [undo(stage.viewer, event.id) for event in (third, second)]
    assert note_of(stage, one) == "a scratch,\nnear the edge"
    undo(stage.viewer, back[1].id)
    assert note_of(stage, one) == "흠집"
    with reading() as session:
        told = [event.sentence for event in image_events(session, stage.viewer, one)]
    assert told[-1] == "Wrote the note “a scratch, near the edge”"
    assert told[3] == "Took away the note “흠집”"


def test_a_later_note_is_neither_overwritten_nor_undone_over(stage):
    one = stage.images[0]
    first = set_note(stage.viewer, one, "mine", seen="")
    set_note(stage.viewer, one, "theirs")
    with pytest.raises(Outdated, match="Someone changed the note"):
        set_note(stage.viewer, one, "mine again", seen="mine")
    with pytest.raises(UserError, match="Someone changed the note"):
        undo(stage.viewer, first.id)
    assert note_of(stage, one) == "theirs"


@pytest.mark.parametrize("unfit", ["x" * (MAX_NOTE + 1), "a\x00b", "\ud800"])
def test_unfit_notes_are_refused(stage, unfit):
    with pytest.raises(UserError):
        set_note(stage.viewer, stage.images[0], unfit)
    assert note_of(stage, stage.images[0]) == ""


def test_a_note_needs_an_image_that_the_viewer_may_see(stage):
    with pytest.raises(NotFound):
        set_note(stage.viewer, 4711, "x")
