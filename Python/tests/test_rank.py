import json
import pathlib

import numpy
import pytest

import zerolab


def matrix(rows, columns, rank, seed=0):
    generator = numpy.random.default_rng(seed)
    return generator.standard_normal((rows, rank)) @ generator.standard_normal((rank, columns))


@pytest.mark.parametrize(("shape", "rank"), [((30, 20), 7), ((20, 30), 20), ((5, 5), 0)])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_ranks_and_singular_values_are_those_of_numpy(shape, rank, kind):
    a = matrix(*shape, rank).astype(kind)
    found = zerolab.rank(a)
    expected = numpy.linalg.svd(a.astype(float), compute_uv=False)
    assert found.rank == rank == int(found)
    assert found.rank == (expected > found.tolerance).sum()
    numpy.testing.assert_allclose(found.singular_values, expected, rtol=1e-5, atol=1e-5 * max(expected.max(), 1e-300))
    if rank:
        assert found.tolerance == pytest.approx(expected[0] * max(shape) * numpy.finfo(kind).eps, rel=1e-9)
    assert found.is_full == (rank == min(shape))


def test_an_absolute_tolerance_and_the_margin():
    found = zerolab.rank(numpy.diag([4.0, 2.0, 0.5]), tol=1)
    assert (found.rank, found.tolerance, found.smallest_above, found.largest_below) == (2, 1, 2, 0.5)
    assert found.margin == 2
    assert found.quantities["stable_rank"] == pytest.approx((16 + 4 + 0.25) / 16)


def test_differences_of_arrays_dictionaries_and_files(tmp_path):
    a, b = matrix(12, 9, 9, 1), matrix(12, 9, 2, 2)
    assert zerolab.rank(a + b, minus=a, tol=1e-8).rank == 2
    assert zerolab.rank(numpy.eye(4), minus="identity").rank == 0
    ranks = zerolab.rank({"layer.weight": a + b, "layer.bias": numpy.ones(3)}, minus={"layer.weight": a, "layer.bias": numpy.ones(3)},
                         tol=1e-8)
    assert {name: found.rank for name, found in ranks.items()} == {"layer.weight": 2}
    assert list(ranks.left_out) == ["layer.bias"] and ranks.difference == "W - W0"
    path = tmp_path / "a.npy"
    numpy.save(path, a)
    assert zerolab.rank(path)["a"].rank == 9
    assert zerolab.rank(str(path), select=["a"])["a"].rank == 9


def test_integers_and_kernels():
    torch = pytest.importorskip("torch")
    assert zerolab.rank([[1, 2], [3, 4]]).rank == 2 and zerolab.rank(numpy.eye(4, dtype=bool)).rank == 4
    assert zerolab.rank(torch.eye(3, dtype=torch.int64), minus=numpy.eye(3, dtype=int)).rank == 0
    kernel = torch.nn.Conv2d(3, 8, 3).weight
    found = zerolab.rank(kernel)
    assert (found.rows, found.columns) == (8, 27) and found.rank == numpy.linalg.matrix_rank(kernel.detach().reshape(8, 27).numpy())


def test_errors_name_what_the_user_gave():
    a = matrix(6, 6, 6)
    with pytest.raises(zerolab.ZerolabError, match="^minus: 'array' is 5x6, not 6x6"):
        zerolab.rank(a, minus=a[:5])
    with pytest.raises(zerolab.ZerolabError, match="'model' is a dictionary; pass the dictionary of tensors itself"):
        zerolab.rank({"model": {"w": a}, "epoch": 3})
    with pytest.raises(zerolab.ZerolabError, match="'z': tensors of type complex64"):
        torch = pytest.importorskip("torch")
        zerolab.rank({"z": torch.zeros(2, 2, dtype=torch.complex64)})
    with pytest.raises(zerolab.ZerolabError, match="'w': a tensor of the device 'meta' has no values"):
        zerolab.rank({"w": torch.empty(2, 2, device="meta")})
    with pytest.raises(TypeError, match="must be a list"):
        zerolab.Series("run", out="out", select="fc*")
    with pytest.raises(zerolab.ZerolabError, match="no checkpoint is given"):
        zerolab.Series([], out="out")


def test_results_are_compared_by_identity():
    first, second = zerolab.rank(numpy.eye(3)), zerolab.rank(numpy.eye(3))
    assert first == first and first != second and len({first, second}) == 2


def test_a_path_may_begin_with_a_dash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    numpy.save("-a.npy", numpy.eye(4))
    assert zerolab.rank("-a.npy")["-a"].rank == 4
    assert zerolab.rank("-a.npy", minus="./-a.npy")["-a"].rank == 0


def test_non_contiguous_and_big_endian_arrays():
    a = matrix(8, 6, 3)
    expected = zerolab.rank(a).singular_values
    for other in (numpy.asfortranarray(a), a.astype(">f8"), numpy.stack([a, a])[1], numpy.repeat(a, 2, axis=1)[:, ::2]):
        numpy.testing.assert_array_equal(zerolab.rank(other).singular_values, expected)


def test_tensors_and_modules_of_pytorch():
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(6, 8)
    expected = numpy.linalg.matrix_rank(layer.weight.detach().numpy())
    assert zerolab.rank(layer.weight).rank == expected == 6
    assert zerolab.rank(layer)["weight"].rank == 6
    assert zerolab.rank(layer.state_dict())["weight"].rank == 6
    half = layer.weight.detach().to(torch.bfloat16)
    assert zerolab.rank({"w": half})["w"].rank == 6
    assert zerolab.rank(layer, minus=layer)["weight"].rank == 0


def test_a_matrix_that_cannot_be_ranked_is_named():
    bad = numpy.ones((3, 3))
    bad[1, 1] = numpy.nan
    with pytest.raises(zerolab.ZerolabError, match="1 NaN and 0 infinite values of 9"):
        zerolab.rank(bad)
    with pytest.warns(UserWarning):
        ranks = zerolab.rank({"bad.weight": bad, "good.weight": numpy.eye(2)})
    assert list(ranks) == ["good.weight"] and list(ranks.failed) == ["bad.weight"]


@pytest.mark.parametrize(("subject", "options", "message"), [
    (numpy.ones(3), {}, "a matrix is needed"),
    (numpy.array([["a", "b"]]), {}, "an array of numbers is needed"),
    (numpy.ones((2, 2), complex), {}, "an array of numbers is needed"),
    ("missing.pt", {}, "missing.pt"),
    (numpy.eye(2), {"tol": -1}, "it must be a finite number"),
    (numpy.eye(2), {"tol": 1, "rtol": 1}, "--tol and --rtol cannot be combined"),
    ({"a.weight": numpy.eye(2)}, {"select": ["b"]}, "no tensor is named 'b'"),
    ({}, {}, "no matrix was ranked"),
])
def test_wrong_arguments_are_one_line(subject, options, message):
    with pytest.raises(zerolab.ZerolabError, match=message) as caught:
        zerolab.rank(subject, **options)
    assert "\n" not in str(caught.value)


def test_a_single_pattern_is_not_taken_for_a_list():
    with pytest.raises(TypeError, match="must be a list"):
        zerolab.rank({"a.weight": numpy.eye(2)}, select="a.weight")


def test_results_print_in_a_terminal_and_in_a_notebook():
    ranks = zerolab.rank({"<a>.weight": matrix(6, 4, 2), "b.weight": numpy.eye(3)})
    assert "rank 2 of 4 (6 x 4)" in repr(ranks)
    page = ranks._repr_html_()
    assert "&lt;a&gt;.weight" in page and "<a>" not in page and page.count("<polyline") == 2
    assert "<svg" in zerolab.rank(numpy.eye(3))._repr_html_()
    assert "<svg" not in zerolab.rank(numpy.zeros((3, 3)))._repr_html_()


def test_ceilings():
    found = zerolab.ceiling("Partial_Identity", width=128)
    assert found["l3"] == found.layers["l3"] <= 128
    assert "at most" in repr(found) and "<table>" in found._repr_html_()
    with pytest.raises(zerolab.ZerolabError, match="unknown initializer"):
        zerolab.ceiling("Identity")


def test_a_series_of_checkpoints(tmp_path):
    for step in (0, 10, 20):
        numpy.save(tmp_path / f"step_{step}.npy", numpy.eye(5) + matrix(5, 5, min(step, 4), 1))
    series = zerolab.Series(tmp_path, out=tmp_path / "ranks", tol=1e-8)
    (name,) = series.matrices
    assert name == "array" and series.curve(name) == ([0, 10, 20], [0, 4, 4])
    assert series.folder.joinpath("ranks.jsonl").exists() and "<img" in series._repr_html_()
    with pytest.raises(KeyError, match="the matrices are"):
        series.curve("other")
    with pytest.raises(zerolab.ZerolabError):
        zerolab.Series(tmp_path / "none", out=tmp_path / "other")
