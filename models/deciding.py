"""A model that finds out on the first images it sees whether it may run in a faster format."""

import threading
from collections.abc import Callable, Sequence

from models.adapter import Output, Picture, Prepared, VisionModel
from models.formats import Check, check_of

#: Images on which both formats are compared: of few, ten neighbours say little. Inputs of detectors
#: are larger and are all kept in memory until then.
SAMPLE = {"classification": 256, "detection": 64}


class Deciding:
    """A `VisionModel` that runs in f32 until it has seen a sample of images, then as they allow.

    The sample runs once more in the fast format. What was answered until then was answered in f32.
    """

    def __init__(
        self,
        exact: VisionModel,
        load_fast: Callable[[], VisionModel],
        decided: Callable[[Check], None],
    ) -> None:
        """Begin in f32.

        Args:
            exact: the model in f32.
            load_fast: loads it in the faster format; called when the sample is complete.
            decided: gets the result, once.
        """
        self.card = exact.card
        self._exact, self._load_fast, self._decided = exact, load_fast, decided
        self._chosen: VisionModel | None = None
        self._seen: list[tuple[Prepared, Output]] = []
        self._lock = threading.Lock()

    @property
    def device(self) -> str:
        """Of the format that it runs in now."""
        return (self._chosen or self._exact).device

    def prepare(self, image: Picture) -> Prepared:
        """Bring an upright image to the network's input size; the same in both formats."""
        return self._exact.prepare(image)

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """Run the network; may be called in several threads at once."""
        if self._chosen is not None:
            return self._chosen.infer(batch)
        outputs = self._exact.infer(batch)
        with self._lock:
            if self._chosen is None:
                self._seen += zip(batch, outputs, strict=True)
                if len(self._seen) >= SAMPLE[self.card.task]:
                    self._decide()
        return outputs

    def _decide(self) -> None:
        sample = self._seen[: SAMPLE[self.card.task]]
        fast = self._load_fast()
        exact, again = [o for _, o in sample], fast.infer([item for item, _ in sample])
        check = check_of(exact, again, self.card.task)
        self._chosen = fast if check.passed else self._exact
        self._seen = []
        self._decided(check)
