"""The models of this process: weights fetched on first use, each loaded once."""

import threading
from functools import lru_cache

from core.database import reading
from core.jobs.context import JobContext
from core.models.cards import all_cards
from core.settings import settings
from models.adapter import VisionModel
from models.catalogue import card
from models.errors import FetchCancelled, ModelError
from models.weights import fetch

_lock = threading.Lock()


@lru_cache(maxsize=2)
def _load(model_key: str) -> VisionModel:
    from models.registry import load

    with reading() as session:
        cards = all_cards(session)
    return load(
        model_key,
        settings().resolved_weights_dir,
        settings().models_cache_dir,
        threads=settings().inference_threads,
        precision=settings().inference_precision,
        cards=cards,
        device=settings().device,
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
        except FetchCancelled:
            context.stop_if_cancelled()
            raise
        context.report("ingest.stage.loading", model=wanted.name)
        model = _load(model_key)
        context.result["device"] = model.device
        return model


def vision_model_if_available(context: JobContext, model_key: str) -> VisionModel | None:
    """The model, or None where it cannot be had; the job's result then says why."""
    try:
        return vision_model(context, model_key)
    except ModelError as error:
        context.result["model_error"] = {"key": error.key, "params": error.params}
        return None
