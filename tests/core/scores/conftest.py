"""The project of the maps' tests."""

from tests.core.maps.conftest import analysed

__all__ = ["analysed"]
