"""Suggested tags: the votes of the nearest tagged images, by values worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analysis.tables import Embedding
from core.curation import add_tag
from core.curation.suggestions import suggest_tags
from core.database import reading, writing

# Unit vectors, so that the cosine with the first, (1, 0), is the first number.
COSINES = [1.0, 0.96, 0.8, 0.6, 0.28, -0.6]


@pytest.fixture
def world(stage):
    """Six images with features; the rest of the ten have none."""
    with writing() as session:
        for image_id, cosine in zip(stage.images, COSINES, strict=False):
            vector = np.array([cosine, np.sqrt(1 - cosine**2)], dtype="<f4").tobytes()
            model = stage.project.model_key
            session.add(Embedding(image_id=image_id, model_key=model, vector=vector))
    return stage


def suggested(world, *places: int, **more) -> dict[str, SimpleNamespace]:
    ids = [world.images[place] for place in places]
    with reading() as session:
        found = suggest_tags(session, world.viewer, world.project, ids, **more)
    return {
        each.tag.name: SimpleNamespace(
            confidence=each.confidence, having=each.having, asked=each.asked
        )
        for each in found
    }


def tag(world, name: str, *places: int) -> None:
    add_tag(world.viewer, world.id, name, [world.images[place] for place in places])


def test_confidence_is_the_weighted_vote_of_the_tagged_neighbours(world):
    tag(world, "a", 1, 2)
    tag(world, "b", 2, 3)
    found = suggested(world, 0)
    # Three tagged neighbours with 0.96, 0.8 and 0.6: a has 0.96 + 0.8 of 3 + 1, b 0.8 + 0.6.
    assert list(found) == ["a", "b"]
    assert found["a"].confidence == pytest.approx((0.96 + 0.8) / 4)
    assert found["b"].confidence == pytest.approx((0.8 + 0.6) / 4)
    assert (found["a"].having, found["a"].asked) == (2, 3)


def test_only_the_nearest_vote_and_untagged_ones_do_not(world):
    tag(world, "far", 3, 4)
    tag(world, "near", 2)
    # Image 1 is nearer but has no tag, so that 2 and 3 are the two nearest.
    found = suggested(world, 0, k=2)
    assert list(found) == ["near"]
    assert found["near"].confidence == pytest.approx(0.8 / 3)
    assert suggested(world, 0, k=1)["near"].confidence == pytest.approx(0.8 / 2)


def test_what_speaks_too_little_for_is_left_out(world):
    tag(world, "a", 1)
    tag(world, "b", 4)
    tag(world, "c", 5)
    # Of 3 + 1: a 0.96, which is 0.24; b 0.28; c a negative cosine, which is no vote.
    assert suggested(world, 0) == {}
    assert suggested(world, 0, k=1)["a"].confidence == pytest.approx(0.48)


def test_tags_that_all_of_them_have_are_left_out(world):
    tag(world, "a", 0, 1, 2)
    tag(world, "b", 0, 2)
    assert list(suggested(world, 0)) == []
    # Image 3 lacks both.
    assert set(suggested(world, 0, 3)) == {"a", "b"}


def test_of_several_the_mean_of_the_similarities_counts(world):
    tag(world, "a", 2)
    # Between image 1 at 0.96 and image 3 at 0.6: cosines of image 2 with each, by hand.
    one = 0.8 * 0.96 + 0.6 * 0.28
    other = 0.8 * 0.6 + 0.6 * 0.8
    found = suggested(world, 1, 3)
    assert found["a"].confidence == pytest.approx((one + other) / 2 / 2)


def test_at_most_so_many_and_equal_ones_by_name(world):
    for name in "edcba":
        tag(world, name, 1)
    assert list(suggested(world, 0, limit=3)) == ["a", "b", "c"]


def test_nothing_is_suggested_without_tags_or_features(world):
    assert suggested(world, 0) == {}
    assert suggested(world) == {}
    tag(world, "a", 1)
    assert suggested(world, 9) == {}
