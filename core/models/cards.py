"""Every model that can be chosen, as its card."""

from sqlmodel import Session, col, select

from core.models.settings import card_of, from_json
from core.models.tables import UserModel
from models.card import ModelCard
from models.catalogue import CATALOGUE


def all_cards(session: Session) -> dict[str, ModelCard]:
    """The catalogue's models and those that people brought, by key, in this order.

    Those that were deleted since are not among them.
    """
    query = (
        select(UserModel)
        .where(col(UserModel.key).is_not(None), col(UserModel.deleted_at).is_(None))
        .order_by(col(UserModel.id))
    )
    return {**CATALOGUE, **{str(found.key): own_card(found) for found in session.exec(query)}}


def own_card(model: UserModel) -> ModelCard:
    """The card of a finished model."""
    assert model.settings is not None and model.trial is not None
    return card_of(model, from_json(model.settings), model.trial["feature_size"])


def model_name(session: Session, key: str) -> str:
    """What people call a model, also one that was deleted; its key where nobody knows."""
    if key in CATALOGUE:
        return CATALOGUE[key].name
    found = session.exec(select(UserModel.name).where(UserModel.key == key)).first()
    return found or key
