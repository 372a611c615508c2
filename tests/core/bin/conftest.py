"""The two projects of the tests of curation, and files that are taken in."""

from tests.core.curation.conftest import stage
from tests.core.ingest.conftest import drop, no_registry, project

__all__ = ["drop", "no_registry", "project", "stage"]
