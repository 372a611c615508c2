"""Ultralytics' own `.pt` files, turned into ONNX. Reading one runs whatever code it holds.

Only for whoever allows that, and only in a process of its own. The ultralytics package is not one
of DATAG's: it is used where it is installed.
"""

import os
import shutil
import tempfile
from pathlib import Path

from models.errors import UnusableFile

_OPSET = 17


def export_onnx(path: Path, target: Path) -> None:
    """Write the model of a `.pt` file as ONNX to `target`.

    Raises:
        UnusableFile: ultralytics is not installed, or cannot export the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Nothing is installed, asked of the internet or written into the home folder meanwhile.
        os.environ |= {
            "YOLO_AUTOINSTALL": "false",
            "YOLO_OFFLINE": "true",
            "YOLO_CONFIG_DIR": folder,
        }
        try:
            from ultralytics import YOLO
        except ImportError as error:
            raise UnusableFile("ultralytics_missing", detail=str(error)[:200]) from None
        copy = Path(folder) / "model.pt"
        shutil.copyfile(path, copy)
        made = YOLO(copy).export(format="onnx", opset=_OPSET, simplify=False, dynamic=False)
        shutil.copyfile(made, target)
