"""The history: what is recorded, how it reads, what can be taken back."""

import string

import numpy as np
import pytest

from core.curation import add_tag
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import (
    events,
    image_events,
    last_redoable,
    last_undoable,
    pack_ids,
    record,
    undo,
    unpack_ids,
)
from core.i18n import catalogue, use_language
from tests.core.curation.conftest import add_project


@pytest.fixture
def project(viewer):
    with writing() as session:
        return add_project(session, viewer, 5)


def test_ids_are_packed_sorted_and_once():
    assert unpack_ids(pack_ids([3, 1, 3, 2**40])).tolist() == [1, 3, 2**40]
    assert unpack_ids(pack_ids(np.array([], dtype=np.int64))).tolist() == []
    assert unpack_ids(None).dtype == np.int64


def test_events_are_read_newest_first_in_pages(viewer, project):
    with writing() as session:
        for number in range(7):
            record(session, viewer, project[0].id, "project.changed", {"name": str(number)})
        record(session, viewer, project[0].id, "tag.created", {"tag": "a"})
    with reading() as session:
        first = events(session, viewer, project[0], ["project.changed"], limit=4)
        rest = events(session, viewer, project[0], ["project.changed"], first[-1].id, limit=4)
        newest = events(session, viewer, project[0])[0]
    names = [event.sentence for event in (*first, *rest)]
    assert names == [f"Changed the project “{n}”" for n in range(6, -1, -1)]
    assert newest.kind == "tag.created"
    assert newest.user == viewer.name
    assert newest.at.utcoffset().total_seconds() == 0


def test_sentences_in_both_languages_even_without_their_details(viewer, project):
    with writing() as session:
        details = {"name": "{x} 100%", "accepted": 3}
        record(session, viewer, project[0].id, "batch.ingested", details, project[1])
        record(session, viewer, project[0].id, "unheard.of", {})
    with reading() as session:
        unknown, batch = events(session, viewer, project[0])
        assert "“{x} 100%”" in batch.sentence
        assert "accepted: 3, already there: –" in batch.sentence
        assert unknown.sentence == "history.unheard.of"
        use_language("ko")
        assert "배치 “{x} 100%” 등록" in events(session, viewer, project[0])[1].sentence
    use_language("en")


def test_nothing_is_recorded_when_the_change_fails(viewer, project):
    with pytest.raises(RuntimeError), writing() as session:
        record(session, viewer, project[0].id, "project.changed", {"name": "x"})
        raise RuntimeError
    with reading() as session:
        assert events(session, viewer, project[0]) == []


def test_an_images_own_events(viewer, project):
    (_, images) = project
    with writing() as session:
        record(session, viewer, project[0].id, "batch.ingested", {}, images[:3])
        record(session, viewer, project[0].id, "export.created", {}, images[2:])
        record(session, viewer, project[0].id, "project.changed", {})
    with reading() as session:
        kinds = {i: [e.kind for e in image_events(session, viewer, i)] for i in images}
        assert len(image_events(session, viewer, images[2], limit=1)) == 1
        with pytest.raises(NotFound):
            image_events(session, viewer, 10**9)
    assert kinds[images[0]] == ["batch.ingested"]
    assert kinds[images[2]] == ["export.created", "batch.ingested"]
    assert kinds[images[4]] == ["export.created"]


def test_undo_appends_an_event_and_works_once(viewer, project):
    added = add_tag(viewer, project[0].id, "a", project[1])
    back = undo(viewer, added.id)
    assert back.undoes == added.id
    with reading() as session:
        newest, first = events(session, viewer, project[0])
    assert (first.undone, first.undoable) == (True, False)
    assert (newest.undone, newest.undoable, newest.undoes) == (False, True, added.id)
    assert newest.sentence == "Undo: Removed the tag “a” · images: 5"
    with pytest.raises(UserError):
        undo(viewer, added.id)
    again = undo(viewer, back.id)
    with reading() as session:
        sentence = events(session, viewer, project[0])[0].sentence
    assert sentence == "Redo: Added the tag “a” · images: 5"
    undo(viewer, again.id)


def test_undo_and_redo_buttons(viewer, project):
    def buttons() -> tuple:
        with reading() as session:
            found = (f(session, viewer, project[0]) for f in (last_undoable, last_redoable))
            return tuple(event and event.id for event in found)

    assert buttons() == (None, None)
    first = add_tag(viewer, project[0].id, "a", project[1]).id
    second = add_tag(viewer, project[0].id, "b", project[1]).id
    with writing() as session:
        record(session, viewer, project[0].id, "export.created", {})
    assert buttons() == (second, None)
    back = undo(viewer, second).id
    assert buttons() == (first, back)
    forth = undo(viewer, back).id
    assert buttons() == (forth, None)
    undo(viewer, forth)
    third = add_tag(viewer, project[0].id, "c", project[1]).id
    assert buttons() == (third, None)


def test_what_cannot_be_undone_says_so(viewer, project):
    with writing() as session:
        event = record(session, viewer, project[0].id, "export.created", {})
    with pytest.raises(UserError) as caught:
        undo(viewer, event.id)
    assert caught.value.key == "history.not_undoable"
    with pytest.raises(NotFound):
        undo(viewer, 10**9)


def test_events_of_a_deleted_project_are_out_of_reach(viewer, project):
    added = add_tag(viewer, project[0].id, "a", project[1])
    with writing() as session:
        session.merge(project[0]).deleted_at = added.at
    with reading() as session:
        assert events(session, viewer, project[0]) == []
        assert last_undoable(session, viewer, project[0]) is None
    with pytest.raises(NotFound):
        undo(viewer, added.id)


@pytest.mark.parametrize("subject", ["history", "curation", "query"])
def test_both_languages_have_the_same_texts_with_the_same_placeholders(subject):
    def placeholders(language: str) -> dict[str, set]:
        return {
            key: {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for key, text in catalogue(language).items()
            if key.startswith(f"{subject}.")
        }

    assert placeholders("en")
    assert placeholders("en") == placeholders("ko")
