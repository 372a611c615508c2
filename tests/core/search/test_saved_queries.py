"""Queries that are kept by name."""

import pytest

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.curation import add_tag, save_selection
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import undo
from core.search import QueryError, count
from core.search.saved import (
    delete_query,
    look,
    news,
    save_query,
    saved_queries,
    watch,
    watched_news,
)
from tests.core.curation.conftest import Stage, stage  # noqa: F401


def found(stage: Stage, text: str) -> int:  # noqa: F811
    with reading() as session:
        return count(session, stage.viewer, stage.project, text)


def kept(stage: Stage) -> dict[str, str]:  # noqa: F811
    with reading() as session:
        queries = saved_queries(session, stage.viewer, stage.project)
        return {each.name: each.text for each in queries}


def test_a_saved_query_is_asked_by_its_name(stage):  # noqa: F811
    save_query(stage.viewer, stage.id, "Scratched", "tag:scratch")
    assert found(stage, "in:scratched") == 0
    add_tag(stage.viewer, stage.id, "scratch", stage.images[:4])
    assert found(stage, "in:SCRATCHED") == 4
    assert found(stage, "NOT in:scratched") == 6
    save_query(stage.viewer, stage.id, "few", f"in:scratched id:<{stage.images[2]}")
    assert found(stage, "in:few") == 2
    save_selection(stage.viewer, stage.id, "mine", stage.images[8:], {})
    assert found(stage, "in:(few, mine)") == 4


def test_queries_that_name_each_other_in_a_circle_are_refused(stage):  # noqa: F811
    save_query(stage.viewer, stage.id, "one", "in:two")
    save_query(stage.viewer, stage.id, "two", "has:tag OR in:one")
    with pytest.raises(QueryError) as caught:
        found(stage, "in:one")
    assert caught.value.reason == "circle"


def test_what_is_new_since_one_looked(stage):  # noqa: F811
    saved = save_query(stage.viewer, stage.id, "q", "tag:a")
    add_tag(stage.viewer, stage.id, "a", stage.images[:3])

    def now_new() -> tuple[int, int]:
        with reading() as session:
            told = news(session, stage.viewer, stage.project, saved)
        return told.total, told.new

    assert now_new() == (3, 0)
    look(stage.viewer, stage.project, saved)
    add_tag(stage.viewer, stage.id, "a", stage.images[2:7])
    assert now_new() == (7, 4)
    look(stage.viewer, stage.project, saved)
    assert now_new() == (7, 0)


def test_saving_replacing_and_deleting_are_undone(stage):  # noqa: F811
    def last_event() -> int:
        from core.history import events

        with reading() as session:
            return events(session, stage.viewer, stage.project, limit=1)[0].id

    save_query(stage.viewer, stage.id, "q", "tag:a")
    with pytest.raises(UserError):
        save_query(stage.viewer, stage.id, "Q", "tag:b")
    save_query(stage.viewer, stage.id, "q", "tag:b", replace=True)
    undone = undo(stage.viewer, last_event())
    assert kept(stage) == {"q": "tag:a"}
    undo(stage.viewer, undone.id)
    assert kept(stage) == {"q": "tag:b"}
    with reading() as session:
        (saved,) = saved_queries(session, stage.viewer, stage.project)
    event = delete_query(stage.viewer, saved.id)
    assert kept(stage) == {}
    undo(stage.viewer, event.id)
    assert kept(stage) == {"q": "tag:b"}


def test_a_wrong_query_or_an_unknown_one(stage):  # noqa: F811
    with pytest.raises(QueryError):
        save_query(stage.viewer, stage.id, "q", "(")
    with pytest.raises(NotFound):
        delete_query(stage.viewer, 77)


def told(stage: Stage, viewer: Viewer | None = None) -> dict[str, int]:  # noqa: F811
    with reading() as session:
        found = watched_news(session, viewer or stage.viewer, stage.project)
    return {saved.name: each.new for saved, each in found}


def test_only_what_a_person_watches_is_told_and_until_they_look(stage):  # noqa: F811
    with writing() as session:
        user = User(name="Kim", email="kim@example.org")
        session.add(user)
        session.flush()
        other = Viewer(user.id, user.name)
    one = save_query(stage.viewer, stage.id, "one", "tag:a")
    two = save_query(stage.viewer, stage.id, "two", "tag:a OR tag:b")
    watch(stage.viewer, stage.project, one, True)
    look(stage.viewer, stage.project, two)
    look(other, stage.project, one)
    assert told(stage) == {}
    add_tag(stage.viewer, stage.id, "a", stage.images[:3])
    assert told(stage) == {"one": 3}
    assert told(stage, other) == {}
    # Looking keeps it watched.
    look(stage.viewer, stage.project, one)
    assert told(stage) == {}
    add_tag(stage.viewer, stage.id, "a", stage.images[3:5])
    assert told(stage) == {"one": 2}
    watch(stage.viewer, stage.project, one, False)
    add_tag(stage.viewer, stage.id, "a", stage.images[5:])
    assert told(stage) == {}


def test_a_watched_query_that_is_wrong_by_now_is_not_told(stage):  # noqa: F811
    save_query(stage.viewer, stage.id, "base", "tag:a")
    one = save_query(stage.viewer, stage.id, "one", "in:base")
    watch(stage.viewer, stage.project, one, True)
    save_query(stage.viewer, stage.id, "base", "in:one", replace=True)
    add_tag(stage.viewer, stage.id, "a", stage.images[:3])
    assert told(stage) == {}


def test_a_deleted_query_comes_back_watched_and_with_what_was_seen(stage):  # noqa: F811
    one = save_query(stage.viewer, stage.id, "one", "tag:a")
    add_tag(stage.viewer, stage.id, "a", stage.images[:3])
    watch(stage.viewer, stage.project, one, True)
    add_tag(stage.viewer, stage.id, "a", stage.images[3:5])
    event = delete_query(stage.viewer, one.id)
    assert told(stage) == {}
    undo(stage.viewer, event.id)
    assert told(stage) == {"one": 2}
