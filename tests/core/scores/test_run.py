from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa
from sqlmodel import select

from core.accounts.access import Viewer
from core.analysis.tables import Prediction, Quality
from core.annotations.tables import Annotation
from core.database import now, reading, writing
from core.errors import NotFound, UserError
from core.jobs import queue, runner
from core.jobs.store import add_job, update_job
from core.jobs.tables import Job, JobState
from core.maps import neighbours
from core.maps.outliers import outlier_scores
from core.media.tables import Image
from core.scores import run, store
from core.scores.run import begin_scores, follow, run_scores
from core.scores.tables import ImageScore
from tests.core.maps.conftest import MODEL, AnalysedProject, add_images


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Ids of the jobs that were handed to the queue, which none reaches."""
    ids: list[str] = []
    monkeypatch.setattr(queue, "enqueue", lambda job: ids.append(job.id))
    yield ids


def score(viewer: Viewer, project_id: int) -> Job:
    job = begin_scores(viewer, project_id)
    runner.run(job.id, {"scores": run_scores})
    with reading() as session:
        return session.get_one(Job, job.id)


def scores() -> dict[int, ImageScore]:
    with reading() as session:
        return {row.image_id: row for row in session.exec(select(ImageScore))}


def test_every_image_gets_its_scores(viewer: Viewer, analysed: AnalysedProject) -> None:
    ids = analysed.image_ids.tolist()
    hashes = np.random.default_rng(0).integers(-(2**63), 2**63, size=31).tolist()
    with writing() as session:
        for row, image_id in enumerate(ids):
            label = "abc"[min(row // 10, 2)] if row != 4 else "b"
            session.add(Prediction(image_id=image_id, model_key=MODEL, label=label))
            faults = dict.fromkeys(
                ("blurry", "dark", "light", "low_contrast", "low_information",
                 "odd_aspect_ratio", "grayscale"), 1.0,
            )  # fmt: skip
            phash = hashes[2 if row == 3 else row]
            session.add(Quality(image_id=image_id, phash=phash, **faults))
    job = score(viewer, analysed.id)
    assert (job.state, job.error) == (JobState.DONE, None)
    assert (job.result["n"], job.result["unchanged"]) == (31, False)
    found = scores()
    assert list(found) == ids
    unit = analysed.features / np.linalg.norm(analysed.features, axis=1, keepdims=True)
    distances = np.sort(np.linalg.norm(unit[:, None] - unit[None, :], axis=2), axis=1)
    expected = outlier_scores(distances[:, 1:11].astype(np.float32))
    assert [found[i].outlier for i in ids] == pytest.approx(expected.tolist(), abs=1e-4)
    assert max(ids, key=lambda i: found[i].outlier or 0) == ids[-1]
    assert max(ids[:30], key=lambda i: found[i].label_error or 0) == ids[4]
    assert [i for i in ids if found[i].duplicate_group] == ids[2:4]
    clusters = [found[i].cluster for i in ids]
    assert all(len(set(clusters[start : start + 10])) == 1 for start in (0, 10, 20))
    assert len({*clusters[:30]}) == 3
    assert {row.novelty for row in found.values()} == {None}  # one batch


def test_nothing_is_done_when_nothing_changed(
    viewer: Viewer,
    analysed: AnalysedProject,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    score(viewer, analysed.id)
    before = scores()
    searched: list[int] = []
    search = neighbours._search
    monkeypatch.setattr(
        neighbours, "_search", lambda *args: searched.append(len(args[0])) or search(*args)
    )
    assert score(viewer, analysed.id).result["unchanged"]
    assert scores() == before
    with writing() as session:  # another class: scored again, with the same neighbours
        image_id = int(analysed.image_ids[0])
        session.add(
            Annotation(image_id=image_id, label="x", source="hand", updated_by=viewer.user_id)
        )
    assert not score(viewer, analysed.id).result["unchanged"]
    assert searched == []
    new = add_images(viewer, analysed.id, analysed.features[:2] + 1)
    assert not score(viewer, analysed.id).result["unchanged"]
    assert searched == [33]
    found = scores()
    assert all(found[int(image_id)].novelty is not None for image_id in new)


def test_scores_of_images_in_the_bin_are_removed(
    viewer: Viewer,
    analysed: AnalysedProject,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "_ROWS", 7)  # several transactions
    score(viewer, analysed.id)
    assert len(scores()) == 31
    gone = [int(analysed.image_ids[place]) for place in (0, 6, 7, 30)]
    with writing() as session:
        session.execute(sa.update(Image).where(Image.id.in_(gone)).values(deleted_at=now()))
    score(viewer, analysed.id)
    assert set(scores()) == set(analysed.image_ids.tolist()) - set(gone)


def test_other_projects_and_models_keep_theirs(
    viewer: Viewer,
    analysed: AnalysedProject,
) -> None:
    with writing() as session:
        session.add(ImageScore(image_id=int(analysed.image_ids[0]), model_key="other", outlier=0.1))
    score(viewer, analysed.id)
    with reading() as session:
        assert session.get_one(ImageScore, (int(analysed.image_ids[0]), "other")).outlier == 0.1


def test_a_run_that_was_cut_off_is_made_good(
    viewer: Viewer,
    analysed: AnalysedProject,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "_ROWS", 10)
    whole = store.insert_rows
    calls: list[int] = []

    def breaks(session: object, table: object, rows: list[dict[str, object]]) -> None:
        calls.append(len(rows))
        if len(calls) == 3:
            raise OSError("disk")
        whole(session, table, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "insert_rows", breaks)
    assert score(viewer, analysed.id).state == JobState.FAILED
    assert len(scores()) == 20
    assert score(viewer, analysed.id).state == JobState.DONE
    assert len(scores()) == 31


def test_a_worker_that_died_in_it_starts_over(
    viewer: Viewer, analysed: AnalysedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(viewer, analysed.id)
    job = begin_scores(viewer, analysed.id)
    update_job(job.id, state=JobState.RUNNING, stage="scores.stage.store")
    with writing() as session:  # it had written some of the scores of another state
        session.execute(sa.update(ImageScore).values(outlier=0.123))
    runner.run(job.id, {"scores": run_scores})
    assert 0.123 not in {row.outlier for row in scores().values()}


def test_cancelling_stops_it(viewer: Viewer, analysed: AnalysedProject) -> None:
    job = begin_scores(viewer, analysed.id)
    update_job(job.id, cancel_requested=True)
    runner.run(job.id, {"scores": run_scores})
    with reading() as session:
        assert session.get_one(Job, job.id).state == JobState.CANCELLED
    assert scores() == {}


def test_unusable_features_get_no_scores(viewer: Viewer, analysed: AnalysedProject) -> None:
    odd = np.full((1, analysed.features.shape[1]), np.nan, dtype=np.float32)
    (broken,) = add_images(viewer, analysed.id, odd)
    assert score(viewer, analysed.id).result["n"] == 31
    assert int(broken) not in scores()


@pytest.mark.parametrize("n", [0, 1, 2, 5, 9])
def test_too_few_images_are_told(viewer: Viewer, analysed: AnalysedProject, n: int) -> None:
    with writing() as session:
        kept = [int(i) for i in analysed.image_ids[:n]]
        session.execute(sa.delete(Image).where(Image.id.not_in(kept)))
    with pytest.raises(UserError, match=f"has {n}"):
        begin_scores(viewer, analysed.id)


def test_ten_equal_images_are_scored(viewer: Viewer, analysed: AnalysedProject) -> None:
    with writing() as session:
        session.execute(sa.delete(Image))
    ids = add_images(viewer, analysed.id, np.ones((10, 8), dtype=np.float32))
    assert score(viewer, analysed.id).state == JobState.DONE
    found = scores()
    assert {found[int(i)].outlier for i in ids} == {0.5}


def test_a_waiting_job_is_taken(
    viewer: Viewer,
    analysed: AnalysedProject,
    started: list[str],
) -> None:
    first, second = begin_scores(viewer, analysed.id), begin_scores(viewer, analysed.id)
    assert first.id == second.id
    update_job(first.id, state=JobState.RUNNING)  # it may have looked already
    third = begin_scores(viewer, analysed.id)
    assert third.id != first.id
    assert started == [first.id, first.id, third.id]


def test_no_access_no_job(viewer: Viewer, analysed: AnalysedProject) -> None:
    with pytest.raises(NotFound):
        begin_scores(Viewer(0, "nobody"), analysed.id)


def ended(viewer: Viewer, project_id: int, kind: str, state: JobState = JobState.DONE) -> str:
    with writing() as session:
        job = add_job(session, viewer, project_id, kind, {})
        job.state = state
        session.add(job)
    return job.id


@pytest.mark.parametrize("kind", run.FOLLOWED)
def test_scores_follow_what_brings_images(
    viewer: Viewer,
    analysed: AnalysedProject,
    started: list[str],
    kind: str,
) -> None:
    job = follow(ended(viewer, analysed.id, kind))
    assert job is not None
    assert (job.kind, job.project_id, started) == ("scores", analysed.id, [job.id])


def test_scores_follow_nothing_else(
    viewer: Viewer,
    analysed: AnalysedProject,
    started: list[str],
) -> None:
    assert follow(ended(viewer, analysed.id, "map")) is None
    assert follow(ended(viewer, analysed.id, "scores")) is None
    assert follow("nothing") is None
    first = ended(viewer, analysed.id, "ingest")
    ended(viewer, analysed.id, "ingest", JobState.QUEUED)
    assert follow(first) is None  # the other one will be followed
    assert started == []


def test_scores_do_not_follow_too_few_images(
    viewer: Viewer,
    analysed: AnalysedProject,
    started: list[str],
) -> None:
    with writing() as session:
        session.execute(sa.delete(Image).where(Image.id > int(analysed.image_ids[8])))
    assert follow(ended(viewer, analysed.id, "ingest")) is None
    assert started == []
