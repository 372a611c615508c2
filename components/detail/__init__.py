"""One image in detail: its picture, and a panel with all that is known of it."""

from components.detail.bulk import bulk_metadata
from components.detail.panel import details
from components.detail.picture import close, leave, picture
from components.detail.truth import bulk_class

__all__ = ["bulk_class", "bulk_metadata", "close", "details", "leave", "picture"]
