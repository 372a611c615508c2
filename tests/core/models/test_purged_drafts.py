"""Models that were brought and never saved go after some days, with their files."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.database import now, reading, writing
from core.jobs import queue
from core.jobs.tables import Job, JobState
from core.models.drafts import add_file, kept_until, purge_drafts
from core.models.tables import UserModel
from core.projects.store import create_project
from core.projects.tables import Project
from core.settings import settings
from models.card import OwnFile
from models.weights import own_path


@pytest.fixture
def project(viewer: Viewer) -> Project:
    queue.prepare()
    return create_project(viewer, "Line 3", "mobilenet_v2")


def bring(viewer: Viewer, project: Project, folder: Path, content: bytes) -> UserModel:
    path = folder / "arrived"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return add_file(viewer, project.id or 0, "net.onnx", path, digest)[0]


def change(model: UserModel, state: JobState = JobState.FAILED, **values: object) -> None:
    with writing() as session:
        for job in session.exec(select(Job)):
            if job.params.get("model_id") == model.id:
                job.state = state
        session.get_one(UserModel, model.id).sqlmodel_update(values)


def left() -> list[int | None]:
    with reading() as session:
        return list(session.exec(select(UserModel.id).order_by(UserModel.id)))


def file_of(model: UserModel) -> Path:
    source = OwnFile(model.sha256, model.suffix, model.byte_size)
    return own_path(source, settings().resolved_weights_dir)


def test_only_old_drafts_that_nothing_works_on_go(
    viewer: Viewer, project: Project, tmp_path: Path
) -> None:
    old, fresh, saved, busy, shared = (
        bring(viewer, project, tmp_path, content)
        for content in (b"old", b"fresh", b"saved", b"busy", b"fresh")
    )
    before = now() - timedelta(days=settings().draft_keep_days, minutes=1)
    change(old, created_at=before)
    change(fresh, created_at=now() - timedelta(days=settings().draft_keep_days - 1))
    change(saved, created_at=before, key="saved-123456")
    change(busy, JobState.QUEUED, created_at=before)
    change(shared, created_at=before)
    assert purge_drafts() == 2
    assert left() == [fresh.id, saved.id, busy.id]
    assert not file_of(old).exists()
    assert all(file_of(model).exists() for model in (fresh, saved, busy))
    assert purge_drafts() == 0


def test_bringing_another_model_clears_old_ones_away(
    viewer: Viewer, project: Project, tmp_path: Path
) -> None:
    old = bring(viewer, project, tmp_path, b"old")
    assert kept_until(old) - old.created_at == timedelta(days=30)
    change(old, created_at=now() - timedelta(days=31))
    new = bring(viewer, project, tmp_path, b"new")
    assert left() == [new.id]
