"""Why an image has no prediction: what is said tells apart what asks for different things."""

from typing import Any

from sqlmodel import select

from core.analysis.standing import Standing, why_unseen
from core.database import reading, writing
from core.jobs.tables import Job, JobState
from core.media.images import load_image
from core.media.tables import UNREAD, Image
from tests.core.curation.conftest import Stage, stage  # noqa: F401 - a fixture


def standing(stage: Stage) -> Standing:  # noqa: F811
    with reading() as session:
        image = load_image(session, stage.viewer, stage.images[0])
        return why_unseen(session, stage.viewer, image)


def add_job(stage: Stage, kind: str, state: JobState, **other: Any) -> None:  # noqa: F811
    with writing() as session:
        number = len(session.exec(select(Job)).all())
        session.add(
            Job(
                id=f"j{number}", project_id=stage.id, kind=kind, state=state,
                created_by=stage.viewer.user_id, **other,
            )
        )  # fmt: skip


def test_an_image_that_no_job_knows_of_was_not_seen(stage: Stage) -> None:  # noqa: F811
    assert standing(stage) == Standing("analysis.unseen")


def test_missing_weights_are_told_with_their_reason(stage: Stage) -> None:  # noqa: F811
    told = {"key": "models.unavailable", "params": {"model": "m"}}
    add_job(stage, "ingest", JobState.DONE, result={"model_error": told})
    found = standing(stage)
    assert (found.key, found.waits) == ("analysis.no_model", False)
    assert found.reason == ("models.unavailable", {"model": "m"})
    add_job(stage, "analyse", JobState.RUNNING)
    assert standing(stage) == Standing("analysis.on_its_way", waits=True)


def test_an_analysis_that_failed_tells_why(stage: Stage) -> None:  # noqa: F811
    add_job(stage, "analyse", JobState.FAILED, error="jobs.failed", error_params={"n": 1})
    assert standing(stage) == Standing("analysis.stopped", reason=("jobs.failed", {"n": 1}))


def test_a_listed_image_waits_for_its_batch_alone(stage: Stage) -> None:  # noqa: F811
    with writing() as session:
        image = session.get_one(Image, stage.images[0])
        image.content_hash = UNREAD + "0" * 57
        batch_id = image.batch_id
    assert standing(stage) == Standing("analysis.unread")
    add_job(stage, "analyse", JobState.RUNNING)
    assert standing(stage) == Standing("analysis.unread")
    add_job(stage, "ingest", JobState.RUNNING, params={"batch_id": batch_id})
    assert standing(stage) == Standing("analysis.being_read", waits=True)
