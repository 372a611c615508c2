"""Keep the libraries under the models from reporting home."""

import os
import sys

OFFLINE_ENVIRONMENT = {
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def disable_telemetry() -> None:
    """Close every way by which the model libraries could send something, for this process.

    OpenVINO's converter sends usage events through `openvino_telemetry`, which it imports when it
    can and without asking first; a `None` in `sys.modules` makes that import fail, and OpenVINO
    falls back to its own silent stub. Ultralytics and Hugging Face libraries read environment
    variables when they are imported, so this has to run before them; child processes inherit them.
    """
    os.environ.update(OFFLINE_ENVIRONMENT)
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
