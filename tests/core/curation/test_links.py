"""Selections of links: found under a short name by whoever may see them, forgotten when unused."""

from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from core.accounts.access import Viewer
from core.curation.links import keep_for_link, kept_for_link, link_key
from core.curation.tables import KeptSelection
from core.database import now, reading, writing
from core.errors import NotFound
from core.media.tables import Image
from core.projects.tables import Project


def opened(stage, key: str, project_id: int | None = None, viewer: Viewer | None = None):
    with reading() as session:
        return kept_for_link(session, viewer or stage.viewer, project_id or stage.id, key)


def last_used(stage, days: float) -> None:
    with writing() as session:
        session.execute(sa.update(KeptSelection).values(used_at=now() - timedelta(days=days)))


def test_the_name_is_short_and_of_the_images_alone() -> None:
    key = link_key(np.array([3, 1, 2]))
    assert key == link_key([1, 2, 3, 3])
    assert key != link_key([1, 2])
    assert len(key) == 12 and key.replace("-", "").replace("_", "").isalnum()
    assert link_key([]) == ""


def test_a_kept_selection_opens_with_its_provenance(stage) -> None:
    chosen = stage.images[3:0:-1]
    key = keep_for_link(stage.viewer, stage.id, chosen, {"kind": "lasso", "map": 3})
    found = opened(stage, key)
    assert found.image_ids.tolist() == sorted(chosen)
    assert found.provenance == {"kind": "lasso", "map": 3}
    assert keep_for_link(stage.viewer, stage.id, chosen, {"kind": "query"}) == key
    assert opened(stage, key).provenance == {"kind": "lasso", "map": 3}


def test_a_million_images_are_kept(stage) -> None:
    ids = np.concatenate([np.array(stage.images), np.arange(10**6, 2 * 10**6)])
    assert opened(stage, keep_for_link(stage.viewer, stage.id, ids, {})).image_ids.tolist() == (
        stage.images
    )


def test_nothing_is_kept_for_nothing(stage) -> None:
    assert keep_for_link(stage.viewer, stage.id, [], {}) == ""
    with reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(KeptSelection)) == 0


@pytest.mark.parametrize("key", ["", "nothing-here", "../../etc", "x" * 10_000, "'; --"])
def test_a_name_that_nobody_gave_is_told(stage, key: str) -> None:
    with pytest.raises(NotFound) as error:
        opened(stage, key)
    assert error.value.key == "curation.link_gone"


def test_a_selection_of_another_project_does_not_open(stage) -> None:
    with reading() as session:
        other = session.get_one(Image, stage.foreign_images[0]).project_id
    key = keep_for_link(stage.viewer, other, stage.foreign_images, {})
    with pytest.raises(NotFound):
        opened(stage, key)
    # Ids of another project under a name of this one: none of them may be seen here.
    mixed = keep_for_link(stage.viewer, stage.id, stage.foreign_images, {})
    with pytest.raises(NotFound):
        opened(stage, mixed)


def test_who_may_not_see_the_project_learns_nothing(stage) -> None:
    key = keep_for_link(stage.viewer, stage.id, stage.images, {})
    nobody = Viewer(0, "nobody")
    with pytest.raises(NotFound):
        opened(stage, key, viewer=nobody)
    with pytest.raises(NotFound):
        keep_for_link(nobody, stage.id, stage.images, {})
    with writing() as session:
        session.get_one(Project, stage.id).deleted_at = now()
    with pytest.raises(NotFound):
        opened(stage, key)


def test_images_in_the_bin_are_left_out(stage) -> None:
    key = keep_for_link(stage.viewer, stage.id, stage.images[:3], {})
    with writing() as session:
        session.get_one(Image, stage.images[0]).deleted_at = now()
    assert opened(stage, key).image_ids.tolist() == stage.images[1:3]


def test_what_nobody_uses_is_forgotten_and_use_keeps_it(stage) -> None:
    unused = keep_for_link(stage.viewer, stage.id, stage.images[:2], {})
    last_used(stage, 91)
    other = keep_for_link(stage.viewer, stage.id, stage.images[:3], {})
    with pytest.raises(NotFound):
        opened(stage, unused)
    last_used(stage, 89)
    keep_for_link(stage.viewer, stage.id, stage.images[:3], {})
    last_used_days = now() - timedelta(days=1)
    with reading() as session:
        kept = session.get_one(KeptSelection, (stage.id, other))
    assert kept.used_at > last_used_days.replace(tzinfo=kept.used_at.tzinfo)
