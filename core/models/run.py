"""The job that looks at a file somebody brought, or tries it on ten images."""

from sqlmodel import Session, col, select

from core.accounts.access import visible_images
from core.database import reading, writing
from core.errors import UserError
from core.jobs.context import JobContext
from core.media import store
from core.media.decoding import Refused, decode
from core.media.tables import Image
from core.models.settings import card_of, from_json
from core.models.store import load_draft
from core.models.tables import UserModel
from core.settings import settings
from models.card import OwnFile
from models.errors import FetchCancelled, WeightsMissing
from models.sandbox import inspect_apart, try_apart
from models.weights import own_path, require

TRIED_IMAGES = 10


def run_model(context: JobContext) -> None:
    """Do what the job's parameter `do` says with the draft `model_id`. Can start over.

    Raises:
        ModelError: the file is of no use, and why.
        UserError: the project has no image to try it on.
        Cancelled: the job was asked to stop.
    """
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


def _inspect(context: JobContext, model: UserModel) -> None:
    context.report("own_models.stage.inspect", name=model.file_name)
    source = OwnFile(model.sha256, model.suffix, model.byte_size)
    path = own_path(source, settings().resolved_weights_dir)
    if not path.is_file():
        raise WeightsMissing(model=model.name, path=str(path))
    facts = inspect_apart(path, context.params.get("architecture"), context.cancelled)
    _keep(context, model, facts=facts, trial=None, settings=None)


def _try(context: JobContext, model: UserModel) -> None:
    context.report("own_models.stage.try", name=model.file_name)
    wanted = from_json(context.params["settings"])
    card = card_of(model, wanted)
    path = require(card, settings().resolved_weights_dir)
    pictures, ids = [], []
    with reading() as session:
        images = _images(session, context)
    for image_id, content_hash in images:
        try:
            pixels = decode(store.read_original(content_hash), max(card.input_size)).pixels
        except (Refused, FileNotFoundError):
            continue
        pictures.append(pixels)
        ids.append(image_id)
        if len(ids) == TRIED_IMAGES:
            break
    if not ids:
        raise UserError("own_models.no_images")
    trial = try_apart(card, path, settings().models_cache_dir, pictures, context.cancelled)
    _keep(context, model, settings=context.params["settings"], trial={**trial, "images": ids})


def _images(session: Session, context: JobContext) -> list[tuple[int, str]]:
    """Images spread over the project, twice as many as are needed: some may be unreadable."""
    query = select(Image.id, Image.content_hash).where(
        Image.project_id == context.project_id, visible_images(context.viewer)
    )
    rows = [(i, h) for i, h in session.exec(query.order_by(col(Image.id))) if i is not None]
    step = max(1, len(rows) // (2 * TRIED_IMAGES))
    return rows[::step]


def _keep(context: JobContext, model: UserModel, **values: object) -> None:
    with writing() as session:
        row = load_draft(session, context.viewer, model.id or 0)
        row.sqlmodel_update(values)
        session.add(row)
