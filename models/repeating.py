"""A classifier in a fast number format that leaves what is nearly tied to the exact one."""

import math
from collections.abc import Sequence

from models.adapter import Output, Picture, Prepared, VisionModel

#: How far the logits of the two first classes must lie apart; rounding moves them less than that.
NEARLY_TIED = 0.05


class Repeating:
    """A `VisionModel` that runs an image again in f32 where the fast format might change its class.

    Of photos that is one in twenty.
    """

    def __init__(self, exact: VisionModel, fast: VisionModel) -> None:
        self.card, self.device = fast.card, fast.device
        self._exact, self._fast = exact, fast

    def prepare(self, image: Picture) -> Prepared:
        """Bring an upright image to the network's input size; the same in both formats."""
        return self._fast.prepare(image)

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """Run the network, and what is nearly tied once more in f32."""
        outputs = self._fast.infer(batch)
        tied = [index for index, output in enumerate(outputs) if nearly_tied(output)]
        if tied:
            again = self._exact.infer([batch[index] for index in tied])
            for index, output in zip(tied, again, strict=True):
                outputs[index] = output
        return outputs


def nearly_tied(output: Output) -> bool:
    """Whether a classifier's second class is about as probable as its first.

    The logarithm of two classes' ratio of probabilities is the difference of their logits.
    """
    if output.confidence is None or output.margin is None:
        return False
    second = output.confidence - output.margin
    return second > 0 and math.log(output.confidence / second) < NEARLY_TIED
