"""Nearly tied classes are left to f32: told apart by hand, and with two models that differ."""

from collections.abc import Sequence

import numpy as np
import pytest

from models.adapter import Output, Prepared
from models.classifier import classified, softmax
from models.repeating import Repeating, nearly_tied
from tests.models.test_deciding import Rounded, images

CLASSES = ("a", "b", "c")


@pytest.mark.parametrize(
    ("logits", "tied"),
    [((5.0, 4.96, 0.0), True), ((5.0, 4.94, 0.0), False), ((5.0, 5.0, 5.0), True),
     ((900.0, 0.0, 0.0), False)],
)  # fmt: skip
def test_the_difference_of_logits_counts(logits: tuple[float, ...], tied: bool) -> None:
    probabilities = softmax(np.array(logits, np.float32))
    assert nearly_tied(classified(CLASSES, probabilities, np.zeros(1, np.float32))) is tied


def test_a_detector_has_no_ties() -> None:
    assert not nearly_tied(Output("cat", 0.9, np.zeros(1, np.float32)))
    assert not nearly_tied(Output(None, None, np.zeros(1, np.float32)))


class Logits(Rounded):
    """Its first three numbers are logits, in steps."""

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        outputs = super().infer(batch)
        return [classified(CLASSES, softmax(o.features[:3] / 50), o.features) for o in outputs]


def test_only_what_is_tied_is_answered_by_the_exact_model() -> None:
    exact, fast = Logits("f32", 1e-3), Logits("mixed", 16.0)
    batch = images(200)
    alone = fast.infer(batch)
    tied = [nearly_tied(output) for output in alone]
    assert 10 < sum(tied) < 100
    expected = [
        e if again else f for e, f, again in zip(exact.infer(batch), alone, tied, strict=True)
    ]
    exact.seen = fast.seen = 0
    model = Repeating(exact, fast)
    answers = model.infer(batch)
    assert (model.device, fast.seen, exact.seen) == ("mixed", 200, sum(tied))
    for answer, right in zip(answers, expected, strict=True):
        assert answer.label == right.label
        assert np.array_equal(answer.features, right.features)
