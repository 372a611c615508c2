"""A torch classifier as an OpenVINO graph with two outputs: scores, then features."""

from typing import TYPE_CHECKING, Any

import openvino as ov

from models import state_dict
from models.architectures import InputForm, output_layer, usual_input
from models.errors import UnusableFile
from models.layers import MAX_FEATURES, Layer, channels_first, feature_length

if TYPE_CHECKING:
    import torch

_OFFERED = 30


class TorchGraph:
    """A network of a known architecture with somebody's weights."""

    def __init__(self, architecture: str, state: state_dict.State, classes: int) -> None:
        """Fill the architecture with the weights.

        Raises:
            UnusableFile: they do not fit.
        """
        self.architecture = architecture
        self.network: Any = state_dict.filled(architecture, state, classes)
        self._output = output_layer(self.network)

    def usual_input(self) -> InputForm:
        """What the architecture's published weights take."""
        return usual_input(self.architecture, self.network)

    def layers(self, size: tuple[int, int]) -> list[Layer]:
        """The modules nearest to the output layer that can give features, the last one first."""
        import torch

        seen: list[Layer] = []

        def note(name: str, module: "torch.nn.Module", output: Any) -> None:
            if not isinstance(output, torch.Tensor) or not 2 <= output.ndim <= 4:
                return
            shape = tuple(output.shape[1:])
            if output.shape[0] == 1 and 2 <= feature_length(shape) <= MAX_FEATURES:
                seen.append(Layer(name, type(module).__name__, shape, feature_length(shape)))

        hooks = [
            module.register_forward_hook(
                lambda module, _inputs, output, name=name: note(name, module, output)
            )
            for name, module in self.network.named_modules()
            if name and self._may_give_features(name)
        ]
        self._run(size)
        for hook in hooks:
            hook.remove()
        unique = {layer.name: layer for layer in reversed(seen)}
        return list(unique.values())[:_OFFERED]

    def _may_give_features(self, name: str) -> bool:
        # Neither the output layer nor a block that ends in it.
        return not f"{self._output}.".startswith(f"{name}.")

    def default_layer(self, size: tuple[int, int]) -> Layer:
        """What enters the output layer."""
        shapes: list[tuple[int, ...]] = []
        module = self.network.get_submodule(self._output)
        hook = module.register_forward_pre_hook(
            lambda _module, inputs: shapes.append(tuple(inputs[0].shape[1:]))
        )
        self._run(size)
        hook.remove()
        if not shapes:
            raise UnusableFile("no_features")
        return Layer(self._output, type(module).__name__, shapes[-1], feature_length(shapes[-1]))

    def _run(self, size: tuple[int, int]) -> None:
        import torch

        try:
            with torch.inference_mode():
                self._forward(torch.zeros(1, 3, *size))
        except (RuntimeError, AssertionError, ValueError) as error:
            detail = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise UnusableFile("wrong_size", height=size[0], width=size[1], detail=detail) from None

    def _forward(self, images: "torch.Tensor") -> None:
        self.network(images)

    def with_features(self, size: tuple[int, int], layer: str | None) -> "torch.nn.Module":
        """The network with two outputs, scores and features, for float (N, 3, height, width).

        Args:
            layer: module whose output gives the features; None: what enters the output layer.

        Raises:
            UnusableFile: no such layer, or not at this size.
        """
        names = dict(self.network.named_modules())
        if layer is not None and layer not in names:
            raise UnusableFile("no_layer", layer=layer)
        self._run(size)
        return _with_features(self.network, names[layer or self._output], layer is None)

    def graph(self, size: tuple[int, int], layer: str | None) -> ov.Model:
        """The same for one image of (1, 3, height, width), as a graph; arguments and errors too."""
        import torch

        wrapped = self.with_features(size, layer)
        with torch.inference_mode():
            exported = torch.export.export(wrapped, (torch.zeros(1, 3, *size),), strict=False)
            graph = ov.convert_model(exported)
        graph.reshape([1, 3, *size])
        return graph


def _with_features(
    network: "torch.nn.Module", module: "torch.nn.Module", entering: bool
) -> "torch.nn.Module":
    import torch

    seen: list[torch.Tensor] = []
    if entering:
        module.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    else:
        module.register_forward_hook(lambda _module, _inputs, output: seen.append(output))

    class ScoresAndFeatures(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            seen.clear()
            scores = self.network(images)
            return scores, pooled(seen[-1])

    return ScoresAndFeatures().eval()


def pooled(output: "torch.Tensor") -> "torch.Tensor":
    """One vector (1, D) of a layer's output: maps (1, C, H, W) and tokens (1, T, D) averaged."""
    if output.ndim == 4:
        return output.mean((2, 3) if channels_first(tuple(output.shape[1:])) else (1, 2))
    return output.mean(1) if output.ndim == 3 else output
