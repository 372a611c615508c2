"""What the worker finds in the file of a small detector."""

FACTS = {
    "fitting": [],
    "architecture": None,
    "task": "detection",
    "head": "yolo",
    "classes": 1,
    "names": ["dent"],
    "input_size": [640, 640],
    "fixed_size": False,
    "mean": [0, 0, 0],
    "std": [1, 1, 1],
    "resize": "letterbox",
    "layers": [{"name": "fc", "kind": "Conv", "shape": [448], "features": 448}],
    "default_layer": {"name": "fc", "kind": "Conv", "shape": [448], "features": 448},
    "parameters": 2_600_000,
}
