"""What people say is in an image: ground truth that came with it, and corrections by hand."""

from core.annotations.boxes import MAX_BOXES, clipped, edit_boxes, set_boxes
from core.annotations.labels import set_label, set_labels
from core.annotations.reading import image_annotation, image_drawn, offered_classes
from core.annotations.states import Drawn, read_drawn

__all__ = [
    "MAX_BOXES",
    "Drawn",
    "clipped",
    "edit_boxes",
    "image_annotation",
    "image_drawn",
    "offered_classes",
    "read_drawn",
    "set_boxes",
    "set_label",
    "set_labels",
]
