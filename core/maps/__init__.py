"""Maps: features reduced to 2D or 3D, neighbours and outlier scores."""

from core.maps.compute import compute_map
from core.maps.methods import METHODS, MIN_IMAGES, validate
from core.maps.store import (
    LoadedMap,
    add_map,
    delete_map,
    load_map,
    maps,
    rename_map,
)

__all__ = [
    "METHODS",
    "MIN_IMAGES",
    "LoadedMap",
    "add_map",
    "compute_map",
    "delete_map",
    "load_map",
    "maps",
    "rename_map",
    "validate",
]
