"""Files of models that people brought: where they arrive and lie, and when they go."""

import secrets
import shutil
import unicodedata
from pathlib import Path

from sqlmodel import Session, select

from core.errors import UserError
from core.models.tables import UserModel
from core.settings import settings
from models.card import OwnFile
from models.weights import own_path

SUFFIXES = (".onnx", ".safetensors", ".pth", ".pt")
_MAX_NAME = 100


def staging_path() -> Path:
    """Where a file lies while it arrives."""
    settings().uploads_dir.mkdir(parents=True, exist_ok=True)
    return settings().uploads_dir / f"model-{secrets.token_hex(16)}.part"


def check_name(file_name: str) -> str:
    """The ending of a model file's name.

    Raises:
        UserError: it is none of a model file.
    """
    suffix = Path(file_name).suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError("own_models.wrong_ending", endings=", ".join(SUFFIXES))
    return suffix


def put_file(arrived: Path, sha256: str, suffix: str) -> OwnFile:
    """Move a file to where its content says."""
    source = OwnFile(sha256, suffix, arrived.stat().st_size)
    target = own_path(source, settings().resolved_weights_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(arrived, target)
    return source


def remove_file(session: Session, model: UserModel) -> None:
    shared = select(UserModel.id).where(
        UserModel.sha256 == model.sha256, UserModel.suffix == model.suffix, UserModel.id != model.id
    )
    if session.exec(shared).first() is None:
        source = OwnFile(model.sha256, model.suffix, model.byte_size)
        own_path(source, settings().resolved_weights_dir).unlink(missing_ok=True)


def clean_name(text: str) -> str:
    """A name in one piece, without anything that cannot be seen."""
    normal = unicodedata.normalize("NFC", text)
    return "".join(c for c in normal if unicodedata.category(c) != "Cc").strip()[:_MAX_NAME]
