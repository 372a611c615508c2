import pytest

from core.errors import UserError
from core.i18n import catalogue
from core.maps.methods import METHODS, validate


@pytest.mark.parametrize(
    ("method", "n", "expected"),
    [
        ("umap", 10, {"neighbours": 9, "min_dist": 0.1}),
        ("umap", 5000, {"neighbours": 15, "min_dist": 0.1}),
        ("tsne", 10, {"perplexity": 3, "iterations": 500}),
        ("tsne", 91, {"perplexity": 30, "iterations": 500}),
        ("pca", 10, {}),
    ],
)
def test_defaults_fit_the_number_of_images(method: str, n: int, expected: dict[str, float]) -> None:
    assert validate(method, 2, {}, n) == expected


def test_given_values_are_kept_in_the_parameters_own_type() -> None:
    checked = validate("umap", 3, {"neighbours": 40.0, "min_dist": 0}, 100)
    assert checked == {"neighbours": 40, "min_dist": 0.0}
    assert [type(value) for value in checked.values()] == [int, float]


@pytest.mark.parametrize(
    ("method", "dimensions", "params", "n", "key", "fragments"),
    [
        ("umap", 2, {}, 9, "too_few", ["9", "10"]),
        ("umap", 2, {}, 0, "too_few", ["0"]),
        ("isomap", 2, {}, 50, "unknown_method", ["isomap", "umap"]),
        ("umap", 4, {}, 50, "wrong_dimensions", ["4", "2 or 3"]),
        ("pca", 2, {"neighbours": 5}, 50, "unknown_parameter", ["neighbours", "PCA"]),
        ("umap", 2, {"neighbours": "many"}, 50, "not_a_number", ["Neighbours", "many"]),
        ("umap", 2, {"neighbours": True}, 50, "not_a_number", ["Neighbours"]),
        ("umap", 2, {"min_dist": float("nan")}, 50, "not_a_number", ["Minimum distance"]),
        ("umap", 2, {"neighbours": 10**400}, 50, "out_of_range", ["Neighbours", "200"]),
        ("umap", 2, {"neighbours": 5.5}, 50, "not_whole", ["Neighbours", "5.5"]),
        ("umap", 2, {"neighbours": 1}, 50, "out_of_range", ["Neighbours", "2", "200"]),
        ("umap", 2, {"neighbours": 50}, 50, "too_high", ["Neighbours", "49"]),
        ("tsne", 2, {"perplexity": 4}, 12, "too_high", ["Perplexity", "at most 3"]),
        ("tsne", 2, {"iterations": 10**6}, 50, "out_of_range", ["Iterations", "5000"]),
    ],
)
def test_errors_name_the_field_and_the_remedy(
    method: str,
    dimensions: int,
    params: dict[str, object],
    n: int,
    key: str,
    fragments: list[str],
) -> None:
    with pytest.raises(UserError) as caught:
        validate(method, dimensions, params, n)
    assert caught.value.key == f"maps.{key}"
    assert all(fragment in str(caught.value) for fragment in fragments), str(caught.value)


def test_the_bound_of_the_perplexity_is_a_third_of_the_images() -> None:
    assert validate("tsne", 2, {"perplexity": 4}, 13)["perplexity"] == 4


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_method_and_parameter_is_explained(language: str) -> None:
    described = [*METHODS.values(), *(p for m in METHODS.values() for p in m.parameters)]
    for item in described:
        assert catalogue(language)[item.name_key]
        assert catalogue(language)[item.help_key]


def test_both_languages_have_the_same_texts_and_placeholders() -> None:
    import string

    def placeholders(language: str, subject: str) -> dict[str, set[str | None]]:
        return {
            key: {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for key, text in catalogue(language).items()
            if key.startswith(subject)
        }

    for subject in ("maps.", "formats."):
        assert placeholders("en", subject) == placeholders("ko", subject)
        assert placeholders("en", subject)
