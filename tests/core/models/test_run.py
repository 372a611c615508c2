"""The worker's jobs on models: official weights over HTTP, Ultralytics files where allowed."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.accounts.access import Viewer
from core.database import reading
from core.errors import NotFound
from core.i18n import t
from core.jobs import queue, runner
from core.jobs.tables import Job, JobState
from core.models.drafts import add_file, begin_fetch, discard_draft, drafts
from core.models.files import staging_path
from core.models.run import run_model
from core.models.tables import UserModel
from core.projects.store import create_project
from core.projects.tables import Project
from core.settings import settings
from models.card import OwnFile
from models.catalogue import CATALOGUE
from models.official import OFFICIAL, OfficialWeights, official_classes
from models.weights import own_path, require

MOBILENET = OfficialWeights("MobileNetV2", "mobilenet_v2", "mobilenet_v2-b0353104.pth", 13.6, 71.9)


@pytest.fixture
def project(viewer: Viewer) -> Project:
    queue.prepare()
    return create_project(viewer, "Line 3", "mobilenet_v2")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Path) -> Iterator[Path]:
    """A web server's folder, from which official weights are fetched."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/models/"
    (folder / "models").mkdir()
    monkeypatch.setenv("DATAG_OFFICIAL_WEIGHTS_URL", url)
    monkeypatch.setitem(OFFICIAL, "mobilenet_v2", MOBILENET)
    settings.cache_clear()
    yield folder / "models"
    server.shutdown()
    server.server_close()


def run(job: Job) -> Job:
    runner.run(job.id, {"model": run_model})
    with reading() as session:
        return session.get_one(Job, job.id)


def my_drafts(viewer: Viewer) -> list[UserModel]:
    with reading() as session:
        return drafts(session, viewer)


def files() -> list[str]:
    folder = settings().resolved_weights_dir / "own"
    return sorted(p.name for p in folder.glob("*")) if folder.exists() else []


@pytest.mark.weights
@pytest.mark.slow
def test_official_weights_become_a_draft_with_their_classes(
    mirror: Path, viewer: Viewer, project: Project, weights_dir: Path
) -> None:
    weights = require(CATALOGUE["mobilenet_v2"], weights_dir)
    (mirror / MOBILENET.file).symlink_to(weights)
    job = run(begin_fetch(viewer, project.id or 0, "mobilenet_v2"))
    assert (job.state, job.error) == (JobState.DONE, None)
    [draft] = my_drafts(viewer)
    assert (draft.name, draft.byte_size) == ("MobileNetV2", weights.stat().st_size)
    assert draft.facts is not None
    assert draft.facts["architecture"] == "torchvision:mobilenet_v2"
    assert draft.facts["names"] == list(official_classes())
    assert draft.facts["names"][1] == "goldfish"
    assert list(settings().uploads_dir.glob("*")) == []
    discard_draft(viewer, draft.id or 0)
    assert files() == []


def test_another_file_under_the_name_is_not_kept(
    mirror: Path, viewer: Viewer, project: Project
) -> None:
    (mirror / MOBILENET.file).write_bytes(b"something else")
    job = run(begin_fetch(viewer, project.id or 0, "mobilenet_v2"))
    assert (job.state, job.error) == (JobState.FAILED, "models.wrong_file")
    assert "b0353104" in t(job.error or "", **job.error_params)
    assert (my_drafts(viewer), files()) == ([], [])
    assert list(settings().uploads_dir.glob("*")) == []


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:1/", "file:///etc"])
def test_a_place_that_cannot_be_reached_is_named_with_the_way_out(
    url: str | None,
    mirror: Path,
    viewer: Viewer,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if url is not None:
        monkeypatch.setenv("DATAG_OFFICIAL_WEIGHTS_URL", url)
        settings.cache_clear()
    job = run(begin_fetch(viewer, project.id or 0, "mobilenet_v2"))
    assert (job.state, job.error) == (JobState.FAILED, "models.unreachable")
    told = t(job.error or "", **job.error_params)
    assert MOBILENET.file in told
    assert "drop the file on this page" in told


def test_only_known_weights_are_fetched(mirror: Path, viewer: Viewer, project: Project) -> None:
    with pytest.raises(NotFound):
        begin_fetch(viewer, project.id or 0, "../../etc/passwd")


# Ultralytics

_NEEDED = (
    "ultralytics==8.4.190", "ultralytics-thop", "matplotlib", "polars", "polars-runtime-32",
    "contourpy", "cycler", "fonttools", "kiwisolver", "pyparsing",
)  # fmt: skip
_SAVE = "from ultralytics import YOLO; import sys; YOLO('yolo11n.yaml').save(sys.argv[1])"


@pytest.fixture(scope="session")
def ultralytics_folder(download_cache: Path) -> Path:
    """The ultralytics package beside DATAG's own, without the ones that DATAG has."""
    folder = download_cache / "ultralytics"
    if not (folder / "done").exists():
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade")
        subprocess.run([*pip, "--target", str(folder), *_NEEDED], check=True)
        (folder / "done").touch()
    return folder


@pytest.fixture
def yolo_file(
    ultralytics_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Path
) -> Path:
    """An untrained YOLO11n as ultralytics saves it."""
    monkeypatch.setenv("PYTHONPATH", str(ultralytics_folder))
    for name, value in {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "yolo"))
    path = tmp_path / "line.pt"
    subprocess.run([sys.executable, "-c", _SAVE, str(path)], check=True, capture_output=True)
    return path


def brought(viewer: Viewer, project: Project, file: Path) -> Job:
    arrived = staging_path()
    arrived.write_bytes(file.read_bytes())
    _, job = add_file(viewer, project.id or 0, file.name, arrived, "ab" * 32)
    return run(job)


@pytest.mark.slow
def test_an_ultralytics_file_is_taken_only_where_that_is_allowed(
    yolo_file: Path, viewer: Viewer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = brought(viewer, project, yolo_file)
    assert (refused.state, refused.error) == (JobState.FAILED, "models.file.holds_objects")
    assert "DATAG_ALLOW_PICKLED_MODELS" in t(refused.error or "", **refused.error_params)
    discard_draft(viewer, my_drafts(viewer)[0].id or 0)

    monkeypatch.setenv("DATAG_ALLOW_PICKLED_MODELS", "true")
    settings.cache_clear()
    job = brought(viewer, project, yolo_file)
    assert (job.state, job.error_params) == (JobState.DONE, {})
    [draft] = my_drafts(viewer)
    assert (draft.suffix, draft.file_name) == (".onnx", "line.pt")
    assert draft.facts is not None
    assert (draft.facts["head"], draft.facts["classes"]) == ("yolo", 80)
    assert len(draft.facts["names"]) == 80
    # From now on nothing has to be unpickled: the file itself is gone.
    source = OwnFile(draft.sha256, ".onnx", draft.byte_size)
    assert files() == [own_path(source, settings().resolved_weights_dir).name]


@pytest.mark.slow
def test_without_the_package_it_says_what_to_install(
    yolo_file: Path, viewer: Viewer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.setenv("DATAG_ALLOW_PICKLED_MODELS", "true")
    settings.cache_clear()
    job = brought(viewer, project, yolo_file)
    assert (job.state, job.error) == (JobState.FAILED, "models.file.ultralytics_missing")
