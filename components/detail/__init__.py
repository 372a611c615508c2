"""One image in detail: its picture, and a panel with all that is known of it."""

from components.detail.bulk import bulk_metadata
from components.detail.panel import details
from components.detail.picture import close, picture

__all__ = ["bulk_metadata", "close", "details", "picture"]
