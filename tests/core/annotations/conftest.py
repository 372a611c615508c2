"""The same two projects that the tests of curation have."""

from tests.core.curation.conftest import stage

__all__ = ["stage"]
