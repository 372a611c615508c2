"""The reduction methods and their parameters, described once for the form, the checks and help."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.errors import UserError
from core.i18n import t

#: A map of fewer images says nothing.
MIN_IMAGES = 10
DIMENSIONS = (2, 3)


@dataclass(frozen=True)
class Parameter:
    """One number that a person may set."""

    method: str
    key: str
    kind: type[int] | type[float]
    default: float
    minimum: float
    maximum: float
    step: float
    #: The highest value that n images allow; None: their number does not matter.
    limit: Callable[[int], int] | None = None

    @property
    def name_key(self) -> str:
        """Key of the parameter's name."""
        return f"maps.{self.method}.{self.key}.name"

    @property
    def help_key(self) -> str:
        """Key of the sentence that says what the parameter does."""
        return f"maps.{self.method}.{self.key}.help"

    def maximum_for(self, n: int) -> float:
        """The highest value for `n` images."""
        return self.maximum if self.limit is None else min(self.maximum, self.limit(n))

    def default_for(self, n: int) -> float:
        """The value for `n` images when nobody chose one."""
        return self.kind(min(self.default, self.maximum_for(n)))

    def check(self, value: object, n: int) -> float:
        """`value` as this parameter's kind of number.

        Raises:
            UserError: it is no such number, out of range, or too high for `n` images.
        """
        field = t(self.name_key)
        infinite = isinstance(value, float) and not math.isfinite(value)
        if not isinstance(value, int | float) or isinstance(value, bool) or infinite:
            raise UserError("maps.not_a_number", field=field, value=str(value)[:40])
        if self.kind is int and value != int(value):
            raise UserError("maps.not_whole", field=field, value=value)
        if not self.minimum <= value <= self.maximum:
            raise UserError(
                "maps.out_of_range", field=field, value=value, low=self.minimum, high=self.maximum
            )
        if value > self.maximum_for(n):
            raise UserError(
                "maps.too_high", field=field, value=value, high=self.maximum_for(n), n=n
            )
        return self.kind(value)


@dataclass(frozen=True)
class Method:
    """A way to reduce features to 2D or 3D."""

    key: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def name_key(self) -> str:
        """Key of the method's name."""
        return f"maps.{self.key}.name"

    @property
    def help_key(self) -> str:
        """Key of the sentence that says what the method is good for."""
        return f"maps.{self.key}.help"


METHODS: dict[str, Method] = {
    method.key: method
    for method in (
        Method(
            "umap",
            (
                Parameter("umap", "neighbours", int, 15, 2, 200, 1, limit=lambda n: n - 1),
                Parameter("umap", "min_dist", float, 0.1, 0.0, 0.99, 0.05),
            ),
        ),
        Method(
            "tsne",
            (
                # The affinities look at three times as many neighbours as the perplexity says.
                Parameter("tsne", "perplexity", int, 30, 2, 100, 1, limit=lambda n: (n - 1) // 3),
                Parameter("tsne", "iterations", int, 500, 250, 5000, 250),
            ),
        ),
        Method("pca"),
    )
}


def validate(
    method: str, dimensions: int, params: Mapping[str, object], n: int
) -> dict[str, float]:
    """All parameters of `method` for `n` images: the given ones checked, the others by default.

    Raises:
        UserError: too few images, an unknown method, dimension or parameter, or a wrong value;
            the text names the field and what to enter instead.
    """
    if n < MIN_IMAGES:
        raise UserError("maps.too_few", n=n)
    if method not in METHODS:
        raise UserError("maps.unknown_method", method=method, known=", ".join(METHODS))
    if dimensions not in DIMENSIONS:
        raise UserError("maps.wrong_dimensions", value=dimensions)
    parameters = {parameter.key: parameter for parameter in METHODS[method].parameters}
    for key in params:
        if key not in parameters:
            raise UserError(
                "maps.unknown_parameter",
                field=key,
                method=t(METHODS[method].name_key),
                known=", ".join(parameters) or "–",
            )
    return {
        key: parameter.check(params.get(key, parameter.default_for(n)), n)
        for key, parameter in parameters.items()
    }
