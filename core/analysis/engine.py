"""The models of this process: weights fetched on first use, each loaded once."""

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from core.analysis.formats import format_check, good_enough, keep_check
from core.database import reading
from core.jobs.context import JobContext
from core.models.cards import all_cards
from core.settings import settings
from models.adapter import VisionModel
from models.catalogue import card
from models.deciding import Deciding
from models.errors import FetchCancelled, ModelError
from models.formats import Precision
from models.weights import fetch

if TYPE_CHECKING:
    from models.registry import Place

_lock = threading.Lock()
# Models whose graph this process has seen lie ready: to look for it is to read it, 5 ms a job.
_converted: set[str] = set()


@lru_cache(maxsize=4)
def _load(model_key: str, precision: Precision) -> VisionModel:
    from models.registry import load

    place = _place()
    return load(
        model_key,
        place.weights_dir,
        place.cache_dir,
        threads=place.threads,
        precision=precision,
        cards=place.cards,
        device=place.device,
    )


@lru_cache(maxsize=64)
def _fastest(model_key: str) -> Precision:
    from models.registry import fastest_precision

    return fastest_precision(model_key, _place())


def _convert(context: JobContext, model_key: str) -> None:
    from models.registry import convert

    convert(model_key, _place(), context.cancelled)


def _place() -> "Place":
    from models.registry import Place

    with reading() as session:
        cards = all_cards(session)
    return Place(
        settings().resolved_weights_dir,
        settings().models_cache_dir,
        settings().inference_threads,
        cards,
        settings().device,
    )


def _for_project(context: JobContext, model_key: str) -> VisionModel:
    """The model in the format that the project's images allow, which they may yet have to say."""
    wanted = settings().inference_precision
    if wanted != "auto":
        return _load(model_key, wanted)
    fast = _fastest(model_key)
    if fast == "f32":
        return _load(model_key, "f32")
    with reading() as session:
        found = format_check(session, context.viewer, context.project_id, model_key)
    if found is None or found.format != fast:
        return _deciding(context.project_id, model_key, fast)
    return _load(model_key, fast if good_enough(found) else "f32")


@lru_cache(maxsize=4)
def _deciding(project_id: int, model_key: str, fast: Precision) -> Deciding:
    """Kept from job to job, so that the images of small batches add up to a sample."""
    return Deciding(
        _load(model_key, "f32"),
        lambda: _load(model_key, fast),
        lambda check: keep_check(project_id, model_key, fast, check),
    )


def vision_model(context: JobContext, model_key: str) -> VisionModel:
    """The model `model_key`, ready to run; the job shows what is waited for.

    Raises:
        ModelError: there is no such model, or its weights cannot be had.
        Cancelled: the job was asked to stop meanwhile.
    """
    with reading() as session:
        wanted = card(model_key, all_cards(session))
    with _lock:
        try:
            fetch(
                wanted,
                settings().resolved_weights_dir,
                lambda done, total: context.report(
                    "ingest.stage.weights", done, total, model=wanted.name
                ),
                context.cancelled,
            )
            if model_key not in _converted:
                context.report("ingest.stage.loading", model=wanted.name)
                _convert(context, model_key)
                _converted.add(model_key)
        except FetchCancelled:
            context.stop_if_cancelled()
            raise
        model = _for_project(context, model_key)
        context.result["device"] = model.device
        return model


def vision_model_if_available(context: JobContext, model_key: str) -> VisionModel | None:
    """The model, or None where it cannot be had; the job's result then says why."""
    try:
        return vision_model(context, model_key)
    except ModelError as error:
        context.result["model_error"] = {"key": error.key, "params": error.params}
        return None
