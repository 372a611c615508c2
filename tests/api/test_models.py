"""Model files on their way in, and what becomes of them in the catalogue."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import models
from core.accounts.access import Viewer
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import undo
from core.history.log import events
from core.jobs import queue
from core.jobs.tables import Job, JobState
from core.models.cards import all_cards, model_name
from core.models.drafts import discard_draft, drafts, last_job
from core.models.finished import delete_model, finish, own_models, rename_model
from core.models.settings import OwnSettings, check, from_json, parse_classes
from core.models.tables import UserModel
from core.projects.store import create_project
from core.projects.tables import Project
from core.settings import settings
from tests.core.ingest.conftest import project

__all__ = ["project"]

CONTENT = b"weights" * 300_000
SETTINGS = OwnSettings(
    "classification", "logits", ("긁힘", "ok"), (32, 48), (0, 0, 0), (1, 1, 1), "stretch"
)
FACTS: dict[str, Any] = {"classes": 2, "layers": [{"name": "fc"}]}


@pytest.fixture
def client(viewer: Viewer) -> TestClient:
    queue.prepare()
    return TestClient(Starlette(routes=models.ROUTES))


def send(
    client: TestClient, project: Project, name: str = "줄 3.ONNX", data: bytes = CONTENT
) -> Any:
    return client.put("/api/models", params={"name": name, "project": project.id}, content=data)


@pytest.fixture
def draft(client: TestClient, project: Project, viewer: Viewer) -> UserModel:
    """A draft that was looked at and tried."""
    send(client, project)
    with writing() as session:
        (model,) = drafts(session, viewer)
        model.facts, model.settings = FACTS, SETTINGS.to_json()
        model.trial = {"feature_size": 7}
        session.add(model)
    return model


def own_files() -> list[Path]:
    return list((settings().resolved_weights_dir / "own").glob("*"))


def test_a_file_is_kept_under_its_content(
    client: TestClient, project: Project, viewer: Viewer
) -> None:
    answer = send(client, project)
    assert answer.status_code == 200
    (kept,) = own_files()
    assert kept.name == f"{hashlib.sha256(CONTENT).hexdigest()}.onnx"
    assert kept.read_bytes() == CONTENT
    with reading() as session:
        (model,) = drafts(session, viewer)
    assert (model.file_name, model.byte_size, model.key) == ("줄 3.ONNX", len(CONTENT), None)
    assert list(settings().uploads_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "data", "status", "text"),
    [("run.exe", b"x", 422, ".safetensors"), ("net.onnx", b"", 422, "empty")],
)
def test_what_is_no_model_file_is_refused(
    client: TestClient, project: Project, name: str, data: bytes, status: int, text: str
) -> None:
    answer = send(client, project, name, data)
    assert answer.status_code == status
    assert text in answer.json()["error"]
    assert own_files() == []


def test_a_file_above_the_limit_is_refused_and_gone(
    client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_model_bytes", 1000)
    assert send(client, project).status_code == 422
    assert own_files() == [] and list(settings().uploads_dir.iterdir()) == []


def test_an_unknown_project_is_not_found(client: TestClient, viewer: Viewer) -> None:
    assert client.put("/api/models", params={"name": "a.onnx", "project": "99"},
                      content=b"x").status_code == 404  # fmt: skip


def test_a_finished_model_is_one_among_the_others(
    draft: UserModel, project: Project, viewer: Viewer
) -> None:
    assert project.id is not None and draft.id is not None
    saved = finish(viewer, project.id, draft.id, " Line 3 불량 ")
    assert saved.key is not None and saved.key.startswith("line-3-불량-")
    with reading() as session:
        card = all_cards(session)[saved.key]
        assert model_name(session, saved.key) == "Line 3 불량"
    assert (card.classes, card.input_size, card.feature_size) == (("긁힘", "ok"), (32, 48), 7)
    create_project(viewer, "with my own", saved.key)
    with pytest.raises(UserError, match="with my own"):
        delete_model(viewer, project.id, saved.key)
    with pytest.raises(NotFound):
        finish(viewer, project.id, draft.id, "again")


def test_deleting_can_be_taken_back(draft: UserModel, project: Project, viewer: Viewer) -> None:
    assert project.id is not None and draft.id is not None
    key = finish(viewer, project.id, draft.id, "mine").key or ""
    delete_model(viewer, project.id, key)
    with reading() as session:
        assert key not in all_cards(session)
        assert own_models(session, viewer) == []
        (event, *_) = events(session, viewer, project)
    assert event.sentence == "Deleted the model “mine”"
    undo(viewer, event.id)
    with reading() as session:
        assert key in all_cards(session)


def test_renaming_keeps_the_key_and_can_be_taken_back(
    draft: UserModel, project: Project, viewer: Viewer
) -> None:
    assert project.id is not None and draft.id is not None
    key = finish(viewer, project.id, draft.id, "mine").key or ""
    rename_model(viewer, project.id, key, "  Linie 3 <b> ")
    with reading() as session:
        assert model_name(session, key) == "Linie 3 <b>"
        (event, *_) = events(session, viewer, project)
    assert event.sentence == "Renamed the model “mine” to “Linie 3 <b>”"
    rename_model(viewer, project.id, key, "Linie 3 <b>")
    with reading() as session:
        assert events(session, viewer, project)[0].id == event.id
    undo(viewer, event.id)
    with reading() as session:
        assert model_name(session, key) == "mine"
    for wrong, says in ((" ", "Give the model a name"), ("taken", "already")):
        with reading() as session:
            others = [model.name for model in own_models(session, viewer)]
        if wrong == "taken":
            take(viewer, "taken")
        with pytest.raises(UserError) as refused:
            rename_model(viewer, project.id, key, wrong)
        assert says in str(refused.value) and "mine" in others


def take(viewer: Viewer, name: str) -> None:
    """A finished model of this name."""
    with writing() as session:
        session.add(
            UserModel(
                name=name, key=f"{name}-1", file_name="x.onnx", sha256="0", suffix=".onnx",
                byte_size=1, created_by=viewer.user_id,
            )
        )  # fmt: skip


def test_throwing_a_draft_away_stops_the_work_on_it(
    client: TestClient, project: Project, viewer: Viewer
) -> None:
    model_id, job_id = send(client, project).json().values()
    with reading() as session:
        job = last_job(session, viewer, model_id)
    assert job is not None and (job.id, job.state) == (job_id, JobState.QUEUED)
    discard_draft(viewer, model_id)
    with reading() as session:
        assert session.get_one(Job, job_id).state == JobState.CANCELLED


def test_a_model_that_was_not_tried_is_not_saved(
    client: TestClient, project: Project, viewer: Viewer
) -> None:
    model_id = send(client, project).json()["model"]
    with pytest.raises(UserError, match="Try the model"):
        finish(viewer, project.id or 0, model_id, "mine")
    discard_draft(viewer, model_id)
    assert own_files() == []


def test_a_file_of_two_drafts_goes_with_the_second(
    client: TestClient, project: Project, viewer: Viewer
) -> None:
    first, second = (send(client, project).json()["model"] for _ in range(2))
    discard_draft(viewer, first)
    assert len(own_files()) == 1
    discard_draft(viewer, second)
    assert own_files() == []


@pytest.mark.parametrize("text", ["긁힘\r\n\n ok \n", "긁힘, ok", "\ufeff긁힘\nok"])
def test_class_names_come_a_line_or_with_commas(text: str) -> None:
    assert parse_classes(text) == ("긁힘", "ok")


def test_settings_are_checked_against_the_file() -> None:
    assert check(SETTINGS, FACTS) == SETTINGS
    assert from_json(SETTINGS.to_json()) == SETTINGS
    wrong = {"classes": ("a", "a"), "size": (8, 8), "std": (0, 1, 1)}
    for field, value in wrong.items():
        with pytest.raises(UserError):
            check(from_json({**SETTINGS.to_json(), field: value}), FACTS)
    with pytest.raises(UserError, match="2 classes, the network has 3"):
        check(SETTINGS, {**FACTS, "classes": 3})
