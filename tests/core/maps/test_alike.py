import subprocess
import sys

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import settings as check
from hypothesis import strategies as st
from sqlmodel import Session

from core.accounts.access import Viewer
from core.analysis.tables import Embedding
from core.database import now, reading, writing
from core.errors import NotFound, UserError
from core.maps import matrix
from core.maps.alike import alike, similarities
from core.maps.matrix import forget_rows
from core.media.tables import Image
from core.projects.tables import Project
from core.settings import settings
from tests.core.maps.conftest import MODEL, AnalysedProject, add_images


def cosines(features: np.ndarray, row: int) -> np.ndarray:
    """By the definition, in float64."""
    wide = features.astype(np.float64)
    return wide @ wide[row] / np.linalg.norm(wide, axis=1) / np.linalg.norm(wide[row])


def project_of(session: Session, analysed: AnalysedProject) -> Project:
    return session.get_one(Project, analysed.id)


def rows_of(analysed: AnalysedProject, ids: np.ndarray) -> list[int]:
    return np.searchsorted(analysed.image_ids, ids).tolist()


def test_the_nearest_by_cosine_come_first(viewer: Viewer, analysed: AnalysedProject) -> None:
    with reading() as session:
        project = project_of(session, analysed)
        ids, found = alike(session, viewer, project, [int(analysed.image_ids[3])], 9)
    expected = cosines(analysed.features, 3)
    expected[3] = -2
    best = np.argsort(-expected)[:9]
    assert (ids.dtype, found.dtype) == (np.int64, np.float32)
    assert rows_of(analysed, ids) == best.tolist()
    assert found == pytest.approx(expected[best], abs=1e-5)
    assert set(best.tolist()) <= set(range(10))  # its own group


def test_several_count_by_the_mean_of_their_cosines(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    with reading() as session:
        project = project_of(session, analysed)
        ids, found = alike(session, viewer, project, analysed.image_ids[[0, 1, 10]], 100)
    expected = np.mean([cosines(analysed.features, row) for row in (0, 1, 10)], axis=0)
    rows = rows_of(analysed, ids)
    assert sorted(rows) == sorted(set(range(31)) - {0, 1, 10})
    assert found == pytest.approx(expected[rows], abs=1e-5)
    assert (np.diff(found) <= 0).all()


def test_all_similarities_are_by_id_and_one_to_itself(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    with reading() as session:
        project = project_of(session, analysed)
        ids, found = similarities(session, viewer, project, int(analysed.image_ids[30]))
    assert ids.tolist() == analysed.image_ids.tolist()
    assert found == pytest.approx(cosines(analysed.features, 30), abs=1e-5)
    assert found[30] == pytest.approx(1)


def test_equally_similar_ones_come_by_id(viewer: Viewer, analysed: AnalysedProject) -> None:
    same = add_images(viewer, analysed.id, np.tile(analysed.features[:1], (5, 1)))
    with reading() as session:
        project = project_of(session, analysed)
        for k in range(6):
            ids, _ = alike(session, viewer, project, [int(analysed.image_ids[0])], k)
            assert ids[:5].tolist() == same[:k].tolist()


def test_new_images_are_found_and_removed_ones_are_not(
    viewer: Viewer, analysed: AnalysedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(of: int) -> list[int]:
        with reading() as session:
            project = project_of(session, analysed)
            return alike(session, viewer, project, [of], 2)[0].tolist()

    first = int(analysed.image_ids[0])
    before = found(first)
    new = add_images(viewer, analysed.id, analysed.features[:1]).tolist()
    assert found(first) == [*new, before[0]]
    assert found(new[0]) == [first, before[0]]
    with writing() as session:
        session.get_one(Image, new[0]).deleted_at = now()  # in the bin
    assert found(first) == before
    with writing() as session:
        session.execute(sa.delete(Image).where(Image.id == before[0]))
    assert found(first)[0] == before[1]
    monkeypatch.setattr(matrix, "_MOST_MISSING", 0)  # the file grows at once
    more = add_images(viewer, analysed.id, analysed.features[:2]).tolist()
    assert found(first) == [more[0], before[1]]
    monkeypatch.undo()
    assert found(more[1])[0] == analysed.image_ids[1]


def test_another_image_under_the_same_id_is_not_taken_for_it(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    last, first = int(analysed.image_ids[-1]), int(analysed.image_ids[0])
    with reading() as session:
        assert alike(session, viewer, project_of(session, analysed), [first], 1)[0] != last
    with writing() as session:
        session.execute(sa.delete(Image).where(Image.id == last))
    again = add_images(viewer, analysed.id, analysed.features[:1])
    assert again.tolist() == [last]  # SQLite gives the highest id again
    with reading() as session:
        assert alike(session, viewer, project_of(session, analysed), [first], 1)[0] == last


def test_replaced_vectors_count_once_they_are_forgotten(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    first, last = int(analysed.image_ids[0]), int(analysed.image_ids[-1])
    with reading() as session:
        alike(session, viewer, project_of(session, analysed), [first], 1)
    with writing() as session:
        row = session.get_one(Embedding, (last, MODEL))
        row.vector = analysed.features[0].astype("<f4").tobytes()
    forget_rows(analysed.id, MODEL)
    with reading() as session:
        assert alike(session, viewer, project_of(session, analysed), [first], 1)[0] == last


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_file_is_made_again(
    viewer: Viewer, analysed: AnalysedProject, damage: bytes | None
) -> None:
    def found() -> list[int]:
        with reading() as session:
            ids, _ = alike(
                session, viewer, project_of(session, analysed), analysed.image_ids[:1], 5
            )
        return ids.tolist()

    expected = found()
    (path,) = (settings().cache_dir / "features").iterdir()
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    assert found() == expected


def test_vectors_that_are_no_numbers_are_like_nothing(
    viewer: Viewer, analysed: AnalysedProject
) -> None:
    odd = np.zeros((3, analysed.features.shape[1]), dtype=np.float32)
    odd[0, 3], odd[1, 5] = np.nan, np.inf
    broken = add_images(viewer, analysed.id, odd)
    short = add_images(viewer, analysed.id, np.ones((1, 7), dtype=np.float32))
    with reading() as session:
        project = project_of(session, analysed)
        ids, _ = alike(session, viewer, project, analysed.image_ids[:1], 100)
        assert set(ids) & {*broken, *short} == {broken[2]}  # zeros are numbers
        for image_id in (*broken[:2], *short):
            with pytest.raises(UserError, match="features"):
                alike(session, viewer, project, [int(image_id)], 5)


def test_nothing_to_compare_by_is_said(viewer: Viewer, analysed: AnalysedProject) -> None:
    with writing() as session:
        empty = Project(name="Empty", model_key=MODEL, created_by=viewer.user_id)
        session.add(empty)
        session.flush()
    with reading() as session:
        for project, ids in (
            (empty, analysed.image_ids[:1]),  # of another project
            (project_of(session, analysed), [10**9]),
            (project_of(session, analysed), []),
        ):
            with pytest.raises(UserError, match="features"):
                alike(session, viewer, project, ids, 5)
        with pytest.raises(UserError, match="features"):
            similarities(
                session, viewer, project_of(session, analysed), int(analysed.image_ids[0]), "other"
            )
        with pytest.raises(NotFound):
            alike(session, Viewer(0, "nobody"), project_of(session, analysed), [1], 5)


def test_a_project_of_one_image_has_nothing_like_it(viewer: Viewer) -> None:
    with writing() as session:
        project = Project(name="One", model_key=MODEL, created_by=viewer.user_id)
        session.add(project)
        session.flush()
        assert project.id is not None
    (only,) = add_images(viewer, project.id, np.ones((1, 4), dtype=np.float32))
    with reading() as session:
        ids, found = alike(session, viewer, project, [int(only)], 5)
        assert (len(ids), len(found)) == (0, 0)
        assert similarities(session, viewer, project, int(only))[1].tolist() == [1]


@check(max_examples=30)
@given(st.lists(st.text("0123456789abcdef", min_size=1, max_size=64), min_size=2, unique=True))
def test_different_contents_have_different_stamps(hashes: list[str]) -> None:
    assert len(set(matrix._stamps(",".join(hashes)).tolist())) == len(hashes)


def test_nothing_heavy_is_loaded() -> None:
    program = (
        "import sys, core.maps.alike\n"
        "print({'torch', 'sklearn', 'faiss', 'numba', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
