import numpy as np

from core.analysis.tables import Embedding
from core.database import reading, writing
from core.maps.features import features, unit_length, usable_rows
from tests.core.maps.conftest import MODEL, AnalysedProject


def test_rows_follow_the_ids_that_were_asked_for(analysed: AnalysedProject) -> None:
    order = np.random.default_rng(0).permutation(len(analysed.image_ids))
    asked = np.concatenate([analysed.image_ids[order], analysed.image_ids[:2]])
    with reading() as session:
        matrix = features(session, asked, MODEL)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix[:-2], analysed.features[order])
    np.testing.assert_array_equal(matrix[-2:], analysed.features[:2])


def test_images_without_a_fitting_vector_are_nan(analysed: AnalysedProject) -> None:
    with writing() as session:
        vector = session.get(Embedding, (int(analysed.image_ids[3]), MODEL))
        assert vector is not None
        vector.vector = vector.vector[:-4]
        session.add(vector)
    asked = [int(analysed.image_ids[0]), 10**9, int(analysed.image_ids[3])]
    with reading() as session:
        matrix = features(session, asked, MODEL)
        nothing = features(session, asked, "another_model")
    assert np.isnan(matrix).all(axis=1).tolist() == [False, True, True]
    assert usable_rows(matrix).tolist() == [True, False, False]
    assert nothing.shape == (3, 0)
    assert usable_rows(nothing).tolist() == [False, False, False]


def test_one_number_that_is_not_finite_makes_a_row_unusable() -> None:
    rows = np.ones((4, 3), dtype=np.float32)
    rows[1, 2] = np.nan
    rows[2, :2] = np.inf, -np.inf
    rows[3] = np.finfo(np.float32).max
    assert usable_rows(rows).tolist() == [True, False, False, True]


def test_unit_length() -> None:
    rows = np.array([[3, 4], [0, 0], [1e30, 0], [0, -1e-30]], dtype=np.float32)
    expected = [[0.6, 0.8], [0, 0], [1, 0], [0, -1]]
    np.testing.assert_allclose(unit_length(rows), expected, rtol=1e-6)
    assert unit_length(rows).dtype == np.float32
