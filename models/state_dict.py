"""Weights alone: tensors by name, read without running anything that a file may hold."""

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.architectures import COUNTER, build, candidates, is_detector, output_layer
from models.errors import UnusableFile

if TYPE_CHECKING:
    import torch

State = dict[str, "torch.Tensor"]

MAX_TENSORS = 20_000
# Under these names checkpoints keep the state dict, beside the optimiser's and other things.
_WRAPPINGS = ("state_dict", "model_state_dict", "model_state", "model", "network", "ema")
_PREFIXES = ("module.", "model.", "_orig_mod.", "network.", "backbone.")
# torchvision's published DenseNets have names that its own loader changes in this way.
_OLD_DENSENET = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$"
)


def read(path: Path, suffix: str) -> State:
    """The tensors of a `.safetensors`, `.pth` or `.pt` file by name.

    Raises:
        UnusableFile: it is damaged, holds anything but tensors, or tensors that claim to be larger
            than the file.
    """
    loaded = _read_safetensors(path) if suffix == ".safetensors" else _read_torch(path)
    state = _strip(_unwrap(loaded))
    if not state:
        raise UnusableFile("no_tensors")
    if len(state) > MAX_TENSORS:
        raise UnusableFile("too_many_tensors", limit=f"{MAX_TENSORS:,}")
    for name, tensor in state.items():
        # A view on a small storage may claim any size.
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise UnusableFile("tensor_too_large", tensor=name[:100])
    return state


def _read_safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError, RuntimeError, KeyError) as error:
        raise UnusableFile("not_safetensors", detail=_short(error)) from None


def _read_torch(path: Path) -> Any:
    import pickle

    import torch

    _check_container(path)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if objects := foreign_objects(path):
            raise UnusableFile("holds_objects", objects=", ".join(objects[:3])[:300]) from None
        raise UnusableFile("not_torch", detail=_unpickling(error)) from None
    except (RuntimeError, OSError, ValueError, EOFError, KeyError, AttributeError, TypeError,
            AssertionError, IndexError, OverflowError, MemoryError) as error:  # fmt: skip
        raise UnusableFile("not_torch", detail=_short(error)) from None


def _check_container(path: Path) -> None:
    """Refuse programs, and archives that would unpack to more than they are."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnusableFile("not_torch", detail=_short(error)) from None
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise UnusableFile("compressed")
    if any("/code/" in entry.filename for entry in entries):
        raise UnusableFile("torchscript")


def foreign_objects(path: Path) -> list[str]:
    """Names of the classes, beside tensors, that a pickled file would make; nothing is made.

    Those of other packages than torch come first: they say what wrote the file.
    """
    import torch

    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(str(path))
    except (ValueError, RuntimeError, OSError, EOFError, KeyError, IndexError):
        return []
    return sorted(names, key=lambda name: (name.startswith("torch."), name))


def _unwrap(loaded: Any) -> Any:
    for _ in range(3):
        if not isinstance(loaded, dict):
            return {}
        inner = next((loaded[key] for key in _WRAPPINGS if isinstance(loaded.get(key), dict)), None)
        if inner is None:
            return loaded
        loaded = inner
    return loaded


def _strip(loaded: Any) -> State:
    """Tensors alone, without what wrappers put in front of every name."""
    import torch

    if not isinstance(loaded, dict):
        return {}
    state = {str(k): v for k, v in loaded.items() if isinstance(v, torch.Tensor)}
    while prefix := next((p for p in _PREFIXES if all(k.startswith(p) for k in state)), ""):
        if not state:
            break
        state = {key.removeprefix(prefix): value for key, value in state.items()}
    return {_OLD_DENSENET.sub(r"\1\2", key): value for key, value in state.items()}


def fitting(state: State) -> list[tuple[str, int]]:
    """The architectures that these tensors fit, each with its number of classes."""
    found = []
    for architecture in candidates(state):
        classes = class_count(architecture, state)
        if classes is not None and not mismatch(architecture, state, classes):
            found.append((architecture, classes))
    return found


def class_count(architecture: str, state: State) -> int | None:
    """How many classes the output layer tells apart; None where the file has no such layer."""
    if is_detector(architecture):
        from models.torch_detectors import class_count as boxes_count

        return boxes_count(architecture, state)
    weight = state.get(f"{output_layer(shell(architecture, 1000))}.weight")
    return int(weight.shape[0]) if weight is not None and weight.ndim else None


def mismatch(architecture: str, state: State, classes: int) -> str:
    """The first tensor that does not fit the architecture, in words; empty where all do."""
    wanted = shell(architecture, classes).state_dict()
    for name, tensor in wanted.items():
        if name.endswith(COUNTER):
            continue
        if name not in state:
            return f"{name}: {_shape(tensor)} ≠ –"
        if state[name].shape != tensor.shape:
            return f"{name}: {_shape(tensor)} ≠ {_shape(state[name])}"
    extra = next((name for name in state if name not in wanted), None)
    return f"{extra}: – ≠ {_shape(state[extra])}" if extra is not None else ""


def shell(architecture: str, classes: int) -> "torch.nn.Module":
    """The network without memory for its weights where it can be built so."""
    import torch

    try:
        with torch.device("meta"):
            return build(architecture, classes)
    except (NotImplementedError, RuntimeError):
        return build(architecture, classes)


def _shape(tensor: "torch.Tensor") -> str:
    return " × ".join(map(str, tensor.shape)) or "1"


def filled(architecture: str, state: State, classes: int) -> "torch.nn.Module":
    """The network of this architecture with these weights, in float32 and evaluation mode.

    Raises:
        UnusableFile: they do not fit.
    """
    if problem := mismatch(architecture, state, classes):
        raise UnusableFile("does_not_fit", architecture=architecture, detail=problem)
    network = build(architecture, classes)
    network.load_state_dict({name: t.float() if t.is_floating_point() else t
                             for name, t in state.items()}, strict=False)  # fmt: skip
    return network.eval()


def _unpickling(error: BaseException) -> str:
    """What the unpickler stumbled over, without torch's advice to read the file unsafely."""
    _, found, reason = str(error).partition("WeightsUnpickler error:")
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    return lines[0][:200] if found and lines else "no weights that torch.load reads safely"


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
