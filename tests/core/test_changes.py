"""What transactions write down of themselves."""

import numpy as np
import pytest
import sqlalchemy as sa
from sqlmodel import select

from core.analysis.tables import Prediction
from core.changes import changes_since, latest, part_sources, sources
from core.changes.tables import Change
from core.curation.tables import ImageTag, Tag
from core.database import engine, reading, writing
from core.media.tables import Image
from tests.core.curation.conftest import Stage, stage  # noqa: F401


def now() -> int:
    with engine().connect() as connection:
        return latest(connection)


def since(newest: int) -> list[tuple]:
    with engine().connect() as connection:
        found = changes_since(connection, newest)
    return [(each.name, each.added, each.low, each.high, each.part) for each in found.rows]


def test_rows_that_come_say_their_table_and_images(stage: Stage) -> None:  # noqa: F811
    before = now()
    with writing() as session:
        session.add_all([Prediction(image_id=i, model_key="m") for i in (3, 7, 5)])
    assert since(before) == [("prediction", True, 3, 7, None)]


def test_other_values_say_their_columns_alone(stage: Stage) -> None:  # noqa: F811
    before = now()
    with writing() as session:
        session.get_one(Image, 3).note = "look"
        session.execute(sa.update(Image).values(camera="c", width=Image.height + 1))
        session.execute(sa.update(Image), [{"id": 4, "name": "x"}])
    assert {name for name, *_ in since(before)} == {
        "image.note", "image.camera", "image.width", "image.name",
    }  # fmt: skip


def test_rows_that_go_take_others_with_them(stage: Stage) -> None:  # noqa: F811
    with writing() as session:
        session.add(Tag(project_id=stage.id, name="a", folded="a", colour="#000"))
    before = now()
    with writing() as session:
        session.delete(session.exec(select(Tag)).one())
    assert {"tag", "image_tag"} <= {name for name, *_ in since(before)}
    before = now()
    with writing() as session:
        session.execute(sa.delete(Image).where(sa.false()))
    assert {"image", "prediction", "box", "image_tag", "image_score", "annotated_box"} <= {
        name for name, *_ in since(before)
    }


def test_nothing_is_said_of_what_was_rolled_back_or_only_read(stage: Stage) -> None:  # noqa: F811
    before = now()
    with pytest.raises(RuntimeError), writing() as session:
        session.get_one(Image, 3).note = "look"
        session.flush()
        raise RuntimeError
    with writing() as session:
        session.exec(select(Image)).all()
    with reading() as session:
        session.exec(select(Image)).all()
    assert since(before) == []


def test_what_a_statement_reads() -> None:
    query = sa.select(Prediction.label).join(Image, Image.id == Prediction.image_id)
    assert sources(query) == {
        "prediction", "prediction#", "prediction.label", "prediction.image_id",
        "image", "image#", "image.id",
    }  # fmt: skip
    alias = sa.alias(ImageTag.__table__)
    assert "image_tag.tag_id" in sources(sa.select(alias.c.image_id))
    nested = sa.select(Image.id).where(Image.id.in_(select(ImageTag.image_id)))
    assert {"image_tag", "image_tag.image_id"} <= sources(nested)
    assert "image_tag.image_id" in sources(sa.select(ImageTag.__table__))
    assert "*" in sources(sa.select(sa.text("1")))


def test_part_of_a_table_is_old_when_it_or_any_part_changes() -> None:
    one = part_sources("image_tag", 1)
    whole = sources(select(ImageTag.image_id))
    other = Change(name="image_tag", part=2)
    mine = Change(name="image_tag", part=1)
    any_ = Change(name="image_tag")

    def old(read: frozenset, *rows: Change) -> bool:
        from core.changes import Changes

        return bool(read & Changes(9, rows).names())

    assert [old(one, row) for row in (other, mine, any_)] == [False, True, True]
    assert [old(whole, row) for row in (other, mine, any_)] == [True, True, True]


def test_text_that_changes_something_changes_everything(stage: Stage) -> None:  # noqa: F811
    before = now()
    with writing() as session:
        session.execute(sa.text("UPDATE image SET note = 'x'"))
    assert [name for name, *_ in since(before)] == ["*"]
    with engine().connect() as connection:
        assert changes_since(connection, before).all


def test_old_changes_are_cleared_and_then_everything_counts_as_changed(
    stage: Stage,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core.changes import recording

    monkeypatch.setattr(recording, "_KEPT", 5)
    monkeypatch.setattr(recording, "_CLEARED_EVERY", 10)
    before = now()
    for n in range(40):
        with writing() as session:
            session.execute(sa.update(Image).values(note=str(n), camera=str(n)))
    with reading() as session:
        left = np.array(session.exec(select(Change.id)).all())
    assert 5 <= len(left) <= 30
    with engine().connect() as connection:
        assert changes_since(connection, before).all
        assert not changes_since(connection, int(left.max())).all
