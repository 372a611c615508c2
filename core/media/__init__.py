"""Pictures: their rows, their originals by content hash, their thumbnails."""
