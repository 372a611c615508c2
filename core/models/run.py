"""The job that looks at a file somebody brought, or tries it on ten images."""

import hashlib
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import visible_images
from core.database import reading, writing
from core.errors import UserError
from core.jobs.context import JobContext
from core.media.decoding import Refused, decode
from core.media.originals import COLUMNS, Original, read_original
from core.media.origins import Unavailable
from core.media.tables import Image
from core.models.drafts import keep_file, load_draft, replace_file
from core.models.files import staging_path
from core.models.settings import card_of, from_json
from core.models.tables import UserModel
from core.settings import settings
from models.card import OwnFile
from models.errors import FetchCancelled, UnusableFile, WeightsMissing
from models.official import OFFICIAL, fetch_official, official_classes
from models.sandbox import export_apart, inspect_apart, try_apart
from models.weights import own_path, require

TRIED_IMAGES = 10


def run_model(context: JobContext) -> None:
    """Do what the job's parameter `do` says with the draft `model_id`. Can start over.

    Raises:
        ModelError: the file is of no use, and why.
        UserError: the project has no image to try it on.
        Cancelled: the job was asked to stop.
    """
    if context.params["do"] == "fetch":
        _fetch(context)
        return
    with reading() as session:
        model = load_draft(session, context.viewer, context.params["model_id"])
    try:
        if context.params["do"] == "inspect":
            _inspect(context, model)
        else:
            _try(context, model)
    except FetchCancelled:
        context.stop_if_cancelled()
        raise


def _fetch(context: JobContext) -> None:
    """Bring official weights as a draft, with what is known of them filled in."""
    entry = OFFICIAL[context.params["official"]]
    partial = staging_path()
    stage = "own_models.stage.fetch"
    context.report(stage, name=entry.name)
    try:
        digest = fetch_official(
            entry,
            settings().official_weights_url,
            partial,
            settings().max_model_bytes,
            lambda done, total: context.report(stage, done, total, name=entry.name),
            context.cancelled,
        )
        model = keep_file(context.viewer, entry.file, partial, digest)
    except FetchCancelled:
        context.stop_if_cancelled()
        raise
    finally:
        partial.unlink(missing_ok=True)
    context.report("own_models.stage.inspect", name=model.file_name)
    path = own_path(
        OwnFile(model.sha256, model.suffix, model.byte_size), settings().resolved_weights_dir
    )
    facts = inspect_apart(path, f"torchvision:{entry.architecture}", context.cancelled)
    with writing() as session:
        model.name, model.facts = entry.name, {**facts, "names": official_classes()}
        session.add(model)


def _inspect(context: JobContext, model: UserModel) -> None:
    context.report("own_models.stage.inspect", name=model.file_name)
    source = OwnFile(model.sha256, model.suffix, model.byte_size)
    path = own_path(source, settings().resolved_weights_dir)
    if not path.is_file():
        raise WeightsMissing(model=model.name, path=str(path))
    try:
        facts = inspect_apart(path, context.params.get("architecture"), context.cancelled)
    except UnusableFile as error:
        if not settings().allow_pickled_models or not _is_ultralytics(error):
            raise
        path = _as_onnx(context, model, path)
        facts = inspect_apart(path, None, context.cancelled)
    _keep(context, model, facts=facts, trial=None, settings=None)


def _is_ultralytics(error: UnusableFile) -> bool:
    objects = str(error.params.get("objects", ""))
    return error.reason == "holds_objects" and "ultralytics." in objects


def _as_onnx(context: JobContext, model: UserModel, path: Path) -> Path:
    """Turn an Ultralytics file into ONNX, once: the draft has that instead from then on."""
    context.report("own_models.stage.export", name=model.file_name)
    partial = staging_path()
    try:
        export_apart(path, partial, context.cancelled)
        with partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        source = replace_file(context.viewer, model.id or 0, ".onnx", partial, digest)
    finally:
        partial.unlink(missing_ok=True)
    return own_path(source, settings().resolved_weights_dir)


def _try(context: JobContext, model: UserModel) -> None:
    context.report("own_models.stage.try", name=model.file_name)
    wanted = from_json(context.params["settings"])
    card = card_of(model, wanted)
    path = require(card, settings().resolved_weights_dir)
    pictures, ids = [], []
    with reading() as session:
        images = _images(session, context)
    for image_id, original in images:
        try:
            pixels = decode(read_original(original), max(card.input_size)).pixels
        except (Refused, Unavailable):
            continue
        pictures.append(pixels)
        ids.append(image_id)
        if len(ids) == TRIED_IMAGES:
            break
    if not ids:
        raise UserError("own_models.no_images")
    trial = try_apart(card, path, settings().models_cache_dir, pictures, context.cancelled)
    _keep(context, model, settings=context.params["settings"], trial={**trial, "images": ids})


def _images(session: Session, context: JobContext) -> list[tuple[int, Original]]:
    """Images spread over the project, twice as many as are needed: some may be unreadable."""
    query = sa.select(col(Image.id), *COLUMNS).where(
        col(Image.project_id) == context.project_id, visible_images(context.viewer)
    )
    rows = [(i, Original(*known)) for i, *known in session.execute(query.order_by(col(Image.id)))]
    step = max(1, len(rows) // (2 * TRIED_IMAGES))
    return rows[::step]


def _keep(context: JobContext, model: UserModel, **values: object) -> None:
    with writing() as session:
        row = load_draft(session, context.viewer, model.id or 0)
        row.sqlmodel_update(values)
        session.add(row)
