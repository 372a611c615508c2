"""Vision models: a catalogue, the weights' source, and one module a family.

`models.catalogue` and `models.weights` are light and safe in the web process;
`models.registry.load` brings in the runtime and belongs in a worker.
"""

from models.errors import ModelError
from models.privacy import disable_telemetry

__all__ = ["ModelError"]

disable_telemetry()
