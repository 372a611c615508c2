"""What a file that somebody brought is, and what of it has to be asked: the first look."""

from dataclasses import dataclass
from pathlib import Path

from models import heads, layers, onnx_file, own, state_dict
from models.architectures import is_detector
from models.card import Head, Resize, Task
from models.errors import UnusableFile
from models.layers import Layer
from models.torch_graphs import network_of

#: Endings of the files that are taken.
SUFFIXES = (".onnx", ".safetensors", ".pth", ".pt")


@dataclass(frozen=True)
class Facts:
    """What was found in a file; what is a guess can be changed by whoever brought it.

    Attributes:
        fitting: architectures that the tensors fit, the likeliest first; empty for a graph.
        architecture: the one that the rest speaks of; None: a graph, or not known yet.
        head: None while the architecture is not known.
        classes: how many; None where the file does not say.
        names: class names that the file holds.
        fixed_size: whether the input takes no other size.
        layers: where features can be taken, the nearest to the output first.
        default_layer: what is taken where nobody chooses; its name is only for people.
        parameters: numbers in the file.
    """

    fitting: tuple[str, ...]
    architecture: str | None
    task: Task
    head: Head | None
    classes: int | None
    names: tuple[str, ...]
    input_size: tuple[int, int]
    fixed_size: bool
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resize: Resize
    layers: tuple[Layer, ...]
    default_layer: Layer | None
    parameters: int


def inspect(path: Path, architecture: str | None = None) -> Facts:
    """Look at a file. Runs the network once, on a black image.

    Args:
        architecture: what weights alone are to be seen as; None: the first that fits.

    Raises:
        UnusableFile: it is not usable, and why.
    """
    if path.suffix == ".onnx":
        return _graph(path)
    if path.suffix in SUFFIXES:
        return _weights(path, architecture)
    raise UnusableFile("unknown_ending", endings=", ".join(SUFFIXES))


def _graph(path: Path) -> Facts:
    message = onnx_file.read(path)
    try:
        opened = own.open_onnx(path, onnx_file.image_size(message))
    except UnusableFile:
        opened = own.open_onnx(path)
    found = heads.recognise(opened.graph)
    main = opened.graph.get_results()[found.index].input(0).get_source_output()
    names = onnx_file.class_names(message)
    if found.classes is not None and len(names) != found.classes:
        names = ()
    boxes = found.head not in ("logits", "probabilities")
    default = None
    if boxes:
        maps = layers.detection_maps(opened.graph)
        length = sum(layers.feature_length(item.get_shape()[1:]) for item in maps)
        names_of_maps = " + ".join(item.get_node().get_friendly_name() for item in maps)
        default = Layer(names_of_maps[:200], "", (), length)
    elif (entry := layers.before_output(opened.graph, main)) is not None:
        shape = tuple(entry.get_shape()[1:])
        node = entry.get_node()
        length = layers.feature_length(shape)
        default = Layer(node.get_friendly_name(), node.get_type_name(), shape, length)
    shape = opened.graph.inputs[0].get_shape()
    return Facts(
        fitting=(),
        architecture=None,
        task="detection" if boxes else "classification",
        head=found.head,
        classes=found.classes,
        names=names,
        input_size=(shape[2], shape[3]) if opened.layout == "NCHW" else (shape[1], shape[2]),
        fixed_size=opened.own_size is not None,
        mean=(0.0, 0.0, 0.0) if boxes else own.IMAGENET.mean,
        std=(1.0, 1.0, 1.0) if boxes else own.IMAGENET.std,
        resize="letterbox" if boxes else "stretch",
        layers=tuple(layers.candidates(opened.graph, main, maps_only=boxes)),
        default_layer=default,
        parameters=onnx_file.count_parameters(message),
    )


def _weights(path: Path, architecture: str | None) -> Facts:
    state = state_dict.read(path, path.suffix)
    fitting = state_dict.fitting(state)
    chosen = architecture or (fitting[0][0] if fitting else None)
    parameters = sum(tensor.numel() for tensor in state.values())
    if chosen is None:
        return Facts(
            (), None, "classification", None, None, (), (224, 224), False,
            own.IMAGENET.mean, own.IMAGENET.std, "stretch", (), None, parameters,
        )  # fmt: skip
    classes = dict(fitting).get(chosen) or state_dict.class_count(chosen, state)
    if classes is None:
        raise UnusableFile("no_output_layer", architecture=chosen)
    boxes = is_detector(chosen)
    network = network_of(chosen, state, classes)
    usual = network.usual_input()
    return Facts(
        fitting=tuple(name for name, _ in fitting),
        architecture=chosen,
        task="detection" if boxes else "classification",
        head="pairs" if boxes else "logits",
        classes=classes,
        names=(),
        input_size=usual.size,
        fixed_size=False,
        mean=usual.mean,
        std=usual.std,
        # SSD's own transform stretches, those of the others keep the ratio.
        resize="letterbox" if boxes and ":ssd" not in chosen else "stretch",
        layers=tuple(network.layers(usual.size)),
        default_layer=network.default_layer(usual.size),
        parameters=parameters,
    )
