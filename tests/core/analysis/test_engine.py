"""The engine gives a project's images the number format that they allow, and keeps why."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

import models.registry
from core.accounts.access import Viewer
from core.analysis import engine
from core.analysis.formats import format_check, keep_check
from core.analysis.tables import FormatCheck
from core.database import reading, writing
from core.jobs.context import JobContext
from core.jobs.store import add_job
from core.projects.store import create_project
from core.settings import settings
from models.deciding import SAMPLE
from models.formats import Check
from tests.models.test_deciding import Rounded, images

KEY = "mobilenet_v2"
GOOD, BAD = Check(0.99, 1.0, 256), Check(0.99, 0.98, 256)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, float]]:
    """To what each format rounds features; bf16 is what photos allow."""
    found = {"f32": 1e-6, "bf16": 1e-3}

    def load(key: str, *_places: object, precision: str, **_rest: object) -> Rounded:
        return Rounded(precision, found[precision])

    monkeypatch.setattr(models.registry, "load", load)
    monkeypatch.setattr(models.registry, "fastest_precision", lambda *_: "bf16")
    monkeypatch.setattr(models.registry, "convert", lambda *_: None)
    monkeypatch.setattr(engine, "fetch", lambda *_: None)
    forget()
    yield found
    forget()


def forget() -> None:
    engine._load.cache_clear()
    engine._fastest.cache_clear()
    engine._deciding.cache_clear()


@pytest.fixture
def context(viewer: Viewer) -> JobContext:
    return new_context(viewer)


def new_context(viewer: Viewer, name: str = "Line 1") -> JobContext:
    project = create_project(viewer, name, KEY)
    with writing() as session:
        job = add_job(session, viewer, project.id or 0, "analyse", {})
    return JobContext(job, viewer)


def kept(context: JobContext) -> FormatCheck | None:
    with reading() as session:
        return format_check(session, context.viewer, context.project_id, KEY)


@pytest.mark.parametrize(("step", "then"), [(1e-3, "bf16"), (90.0, "f32")])
def test_the_first_images_of_a_project_decide_for_all_later_ones(
    step: float, then: str, steps: dict[str, float], context: JobContext
) -> None:
    steps["bf16"] = step
    model = engine.vision_model(context, KEY)
    model.infer(images(SAMPLE["classification"] - 1))
    assert kept(context) is None
    # Too few: the next job goes on counting, still in f32.
    model = engine.vision_model(context, KEY)
    assert (model.device, context.result["device"]) == ("f32", "f32")
    model.infer(images(1, seed=1))
    found = kept(context)
    assert found is not None
    assert (found.format, found.images) == ("bf16", SAMPLE["classification"])
    assert model.device == then
    again = engine.vision_model(context, KEY)
    assert isinstance(again, Rounded)
    assert (again.device, context.result["device"]) == (then, then)


def test_each_project_decides_for_itself(
    steps: dict[str, float], context: JobContext, viewer: Viewer
) -> None:
    keep_check(context.project_id, KEY, "bf16", BAD)
    other = new_context(viewer, "Line 2")
    keep_check(other.project_id, KEY, "bf16", GOOD)
    assert engine.vision_model(context, KEY).device == "f32"
    assert engine.vision_model(other, KEY).device == "bf16"


def test_what_was_said_of_another_format_does_not_count(
    steps: dict[str, float], context: JobContext
) -> None:
    keep_check(context.project_id, KEY, "mixed", GOOD)
    model = engine.vision_model(context, KEY)
    assert model.device == "f32"
    model.infer(images(SAMPLE["classification"]))
    with reading() as session:
        (row,) = session.exec(select(FormatCheck))
    assert row.format == "bf16"


@pytest.mark.parametrize("wanted", ["f32", "bf16"])
def test_the_setting_overrules_the_images(
    wanted: str, steps: dict[str, float], context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAG_INFERENCE_PRECISION", wanted)
    settings.cache_clear()
    keep_check(context.project_id, KEY, "bf16", BAD if wanted == "bf16" else GOOD)
    assert engine.vision_model(context, KEY).device == wanted


def test_nothing_is_compared_where_photos_allow_no_faster_format(
    steps: dict[str, float], context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.registry, "fastest_precision", lambda *_: "f32")
    model: Any = engine.vision_model(context, KEY)
    model.infer(images(SAMPLE["classification"]))
    assert (model.device, kept(context)) == ("f32", None)
