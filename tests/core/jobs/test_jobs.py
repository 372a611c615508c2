"""Job rows: progress, cancelling, resuming and every way a job can end."""

import pytest

from core.accounts.access import Viewer
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.jobs import queue, runner
from core.jobs.context import JobContext
from core.jobs.store import add_job, load_job, project_jobs
from core.jobs.tables import Job, JobState
from core.projects.store import create_project, delete_project
from core.projects.tables import Project


@pytest.fixture
def project(viewer: Viewer) -> Project:
    queue.prepare()
    return create_project(viewer, "P", "mobilenet_v2")


@pytest.fixture
def job(viewer: Viewer, project: Project) -> Job:
    with writing() as session:
        return add_job(session, viewer, project.id or 0, "map", {"x": 1})


def reloaded(job: Job) -> Job:
    with reading() as session:
        return session.get_one(Job, job.id)


def test_a_job_that_works(job: Job) -> None:
    def work(context: JobContext) -> None:
        assert context.params == {"x": 1}
        context.report("maps.stage.umap", 3, 7)
        context.result["answer"] = 42

    runner.run(job.id, {"map": work})
    ended = reloaded(job)
    assert (ended.state, ended.done, ended.total) == (JobState.DONE, 3, 7)
    assert ended.result == {"answer": 42}
    assert ended.finished_at is not None


def test_a_users_mistake_is_told_with_its_key(job: Job) -> None:
    def work(context: JobContext) -> None:
        raise UserError("maps.too_few", n=3)

    runner.run(job.id, {"map": work})
    assert (reloaded(job).error, reloaded(job).error_params) == ("maps.too_few", {"n": 3})


def test_a_defect_ends_the_job_and_not_the_worker(job: Job) -> None:
    def work(context: JobContext) -> None:
        raise ZeroDivisionError("oh")

    runner.run(job.id, {"map": work})
    assert reloaded(job).state == JobState.FAILED
    assert reloaded(job).error_params == {"message": "ZeroDivisionError: oh"}


def test_cancelling_a_waiting_job(viewer: Viewer, job: Job) -> None:
    queue.enqueue(job)
    queue.cancel(viewer, job.id)
    assert reloaded(job).state == JobState.CANCELLED
    runner.run(job.id, {"map": lambda _context: pytest.fail("a cancelled job ran")})


def test_cancelling_a_running_job_and_going_on(
    viewer: Viewer, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.context._ASK_EVERY", 0.0)
    steps: list[str] = []

    def work(context: JobContext) -> None:
        steps.append("begun")
        if len(steps) == 1:
            queue.cancel(viewer, job.id)
        context.stop_if_cancelled()
        steps.append("done")

    runner.run(job.id, {"map": work})
    assert reloaded(job).state == JobState.CANCELLED
    queue.resume(viewer, job.id)
    again = reloaded(job)
    assert (again.state, again.attempt, again.cancel_requested) == (JobState.QUEUED, 2, False)
    runner.run(job.id, {"map": work})
    assert reloaded(job).state == JobState.DONE
    assert steps == ["begun", "begun", "done"]


def test_an_ended_job_is_neither_cancelled_nor_resumed(viewer: Viewer, job: Job) -> None:
    runner.run(job.id, {"map": lambda _context: None})
    queue.cancel(viewer, job.id)
    queue.resume(viewer, job.id)
    assert (reloaded(job).state, reloaded(job).attempt) == (JobState.DONE, 1)


def test_jobs_of_a_deleted_project_are_out_of_sight(
    viewer: Viewer, project: Project, job: Job
) -> None:
    with reading() as session:
        assert [j.id for j in project_jobs(session, viewer, project.id or 0)] == [job.id]
    delete_project(viewer, project.id or 0)
    with reading() as session:
        assert project_jobs(session, viewer, project.id or 0) == []
        with pytest.raises(NotFound):
            load_job(session, viewer, job.id)


def test_quick_reports_are_thinned_out_but_not_the_last(job: Job, viewer: Viewer) -> None:
    context = JobContext(job, viewer)
    for done in range(1, 1001):
        context.report("maps.stage.umap", done, 1000)
    assert reloaded(job).done == 1000
