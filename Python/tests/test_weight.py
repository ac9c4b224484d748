import numpy
import pytest

import zerolab


def test_the_partial_identity_is_that_of_numpy():
    for shape in [(3, 5), (5, 3), (4, 4)]:
        numpy.testing.assert_array_equal(zerolab.weight("Partial_Identity", shape), numpy.eye(*shape, dtype=numpy.float32))


def test_zero_expands_by_a_hadamard_matrix():
    weight = zerolab.weight("ZerO", (8, 4))
    assert weight.dtype == numpy.float32 and set(numpy.abs(weight).ravel()) == {weight[0, 0]}
    numpy.testing.assert_allclose(weight.T @ weight, numpy.eye(4), atol=1e-6)
    # Negative control: a layer that does not expand is an identity.
    assert (zerolab.weight("ZerO", (4, 4)) == numpy.eye(4)).all()


def test_a_convolution_has_its_weights_at_the_center_tap():
    kernel = zerolab.weight("Partial_Identity", (4, 3, 3, 3))
    assert kernel.shape == (4, 3, 3, 3)
    numpy.testing.assert_array_equal(kernel[:, :, 1, 1], numpy.eye(4, 3))
    assert kernel.sum() == 3


def test_random_values_are_those_of_pytorch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    expected = torch.nn.init.kaiming_normal_(torch.empty(64, 48)).numpy()
    numpy.testing.assert_allclose(zerolab.weight("Random", (64, 48), seed=3), expected, rtol=2e-6, atol=0)
    assert (zerolab.weight("Random", (64, 48), seed=4) != expected).any()


def test_a_drawn_seed_is_reported_and_reproduces_the_weight():
    with pytest.warns(UserWarning, match=r"seed (\d+) was chosen") as caught:
        drawn = zerolab.weight("Random", (5, 5))
    seed = int(str(caught[0].message).split("seed ")[1].split()[0])
    assert (zerolab.weight("Random", (5, 5), seed=seed) == drawn).all()


@pytest.mark.parametrize(("name", "shape", "message"), [
    ("Zero", (3, 3), "unknown initializer 'Zero'"),
    ("ZerO", (3,), "'3' is not a shape"),
    ("ZerO", (3, -1), "is not a shape"),
    ("ZerO", (1 << 20, 1 << 20), "is not a shape"),
])
def test_wrong_arguments_are_one_line(name, shape, message):
    with pytest.raises(zerolab.ZerolabError, match=message) as caught:
        zerolab.weight(name, shape)
    assert "\n" not in str(caught.value) and caught.value.code == 64
