"""How large a picture is decoded for its thumbnail, its scores and a model."""

from core.settings import settings
from models.card import ModelCard


def needed_sides(card: ModelCard | None) -> tuple[int, int]:
    """The longer and the shorter side in pixels, as `decoding.decode` takes them.

    The thumbnail, from which the scores are taken too, needs its longer side alone, and so does a
    network into whose input pictures are fitted. One to whose input they are stretched needs both,
    but for a sixteenth: a JPEG at the next scale above would be shrunk so much that its details
    alias, and the features would be further from those of the whole picture.
    """
    thumbnail = settings().thumbnail_size
    if card is None:
        return thumbnail, 0
    side = max(card.input_size)
    resize = card.recipe.resize if card.recipe else None
    if resize == "letterbox" or (resize is None and card.task == "detection"):
        return max(thumbnail, side), 0
    enough = -(-side * 15 // 16)
    return max(thumbnail, enough), enough
