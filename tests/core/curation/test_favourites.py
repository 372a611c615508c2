"""Favourite tags: a person's keys, what pressing one does, and that nothing loses them."""

import pytest

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.curation import add_tag, create_tag, delete_tag, image_tags, merge_tags, rename_tag
from core.curation.favourites import favourites, set_favourite, toggle_favourite
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import undo, unpack_ids


def keys(stage, viewer: Viewer | None = None) -> dict[int, str]:
    with reading() as session:
        found = favourites(session, viewer or stage.viewer, stage.project)
    return {number: tag.name for number, tag in found.items()}


def tagged(stage, name: str) -> set[int]:
    with reading() as session:
        found = image_tags(session, stage.images)
    return {image for image, tags in found.items() if name in {tag.name for tag in tags}}


@pytest.fixture
def named(stage):
    """The tags a, b and c."""
    for name in "abc":
        create_tag(stage.viewer, stage.id, name)
    return stage


def test_a_key_has_one_tag_and_a_tag_one_key(named):
    set_favourite(named.viewer, named.id, "b", 2)
    set_favourite(named.viewer, named.id, "A", 1)
    assert keys(named) == {1: "a", 2: "b"}
    set_favourite(named.viewer, named.id, "a", 2)
    assert keys(named) == {2: "a"}
    set_favourite(named.viewer, named.id, "a", None)
    assert keys(named) == {}
    with pytest.raises(UserError):
        set_favourite(named.viewer, named.id, "a", 10)
    with pytest.raises(NotFound):
        set_favourite(named.viewer, named.id, "z", 1)


def test_keys_are_a_persons_own(named):
    with writing() as session:
        user = User(name="Kim", email="kim@example.org")
        session.add(user)
        session.flush()
        other = Viewer(user.id, user.name)
    set_favourite(named.viewer, named.id, "a", 1)
    set_favourite(other, named.id, "b", 1)
    assert (keys(named), keys(named, other)) == ({1: "a"}, {1: "b"})


def test_a_key_gives_the_tag_until_all_have_it_and_then_takes_it(named):
    set_favourite(named.viewer, named.id, "a", 1)
    add_tag(named.viewer, named.id, "a", named.images[:1])
    four = [*named.images[:4], *named.foreign_images]
    name, event = toggle_favourite(named.viewer, named.id, 1, four)
    assert (name, event.kind) == ("a", "tag.added")
    assert unpack_ids(event.image_ids).tolist() == named.images[1:4]
    assert tagged(named, "a") == set(named.images[:4])
    _, event = toggle_favourite(named.viewer, named.id, 1, four)
    assert (event.kind, event.image_count) == ("tag.removed", 4)
    assert tagged(named, "a") == set()
    undo(named.viewer, event.id)
    assert tagged(named, "a") == set(named.images[:4])
    assert toggle_favourite(named.viewer, named.id, 1, named.foreign_images) == ("a", None)


def test_a_key_without_a_tag_says_so(named):
    with pytest.raises(NotFound) as caught:
        toggle_favourite(named.viewer, named.id, 3, named.images)
    assert caught.value.key == "curation.no_favourite"


def test_keys_outlive_renaming_and_come_back_with_a_deleted_tag(named):
    set_favourite(named.viewer, named.id, "a", 1)
    rename_tag(named.viewer, named.id, "a", "z")
    assert keys(named) == {1: "z"}
    deleted = delete_tag(named.viewer, named.id, "z")
    assert keys(named) == {}
    undo(named.viewer, deleted.id)
    assert keys(named) == {1: "z"}
    merged = merge_tags(named.viewer, named.id, "z", "b")
    assert keys(named) == {}
    undo(named.viewer, merged.id)
    assert keys(named) == {1: "z"}


def test_a_tag_that_its_first_image_made_keeps_its_key_over_undo_and_redo(named):
    added = add_tag(named.viewer, named.id, "new", named.images[:1])
    set_favourite(named.viewer, named.id, "new", 5)
    back = undo(named.viewer, added.id)
    assert keys(named) == {}
    undo(named.viewer, back.id)
    assert keys(named) == {5: "new"}


def test_a_choice_of_keys_is_taken_back_by_who_made_it(named):
    set_favourite(named.viewer, named.id, "a", 1)
    event = set_favourite(named.viewer, named.id, "b", 1)
    assert set_favourite(named.viewer, named.id, "b", 1) is None
    rename_tag(named.viewer, named.id, "a", "z")
    with pytest.raises(UserError) as caught:
        undo(Viewer(named.viewer.user_id + 1, "Kim"), event.id)
    assert caught.value.key == "curation.favourite_of_another"
    again = undo(named.viewer, event.id)
    assert keys(named) == {1: "z"}
    set_favourite(named.viewer, named.id, "c", 1)
    with pytest.raises(UserError) as caught:
        undo(named.viewer, again.id)
    assert caught.value.key == "curation.favourite_changed"
    assert keys(named) == {1: "c"}
