import numpy
import pytest

import zerolab

torch = pytest.importorskip("torch")


def perceptron(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.LayerNorm(8), torch.nn.Linear(8, 3))


def test_weights_are_those_of_the_initializer_and_the_result_says_so():
    model = perceptron()
    done = zerolab.init_(model, "ZerO", rules="generic")
    numpy.testing.assert_array_equal(model[0].weight.detach().numpy(), zerolab.weight("ZerO", (8, 6)))
    numpy.testing.assert_array_equal(model[3].weight.detach().numpy(), zerolab.weight("ZerO", (3, 8)))
    assert (model[0].bias == 0).all() and (model[2].weight == 1).all()
    assert done.rules == "generic" and done.treatments == {"0.weight": "matrix", "3.weight": "matrix"}
    # The scale of the normalization was 1, and its shift 0, before.
    assert set(done.changed) == {"0.weight", "0.bias", "3.weight", "3.bias"}
    assert "0.weight  matrix" in repr(done) and "<table>" in done._repr_html_()


def test_types_devices_and_gradients_stay():
    model = perceptron().to(torch.bfloat16)
    model[0].weight.requires_grad_(False)
    before = dict(model.named_parameters())
    zerolab.init_(model, "ZerO", rules="generic")
    after = dict(model.named_parameters())
    assert all(after[name] is before[name] and after[name].dtype == torch.bfloat16 for name in before)
    assert not model[0].weight.requires_grad and model[3].weight.requires_grad


def test_a_kept_tensor_has_not_changed():
    model = perceptron()
    with torch.no_grad():
        model[0].weight[0, 0] = float("nan")
    done = zerolab.init_(model, "ZerO", rules="generic", keep=["0.weight"])
    assert "0.weight" not in done.changed and model[0].weight[0, 0].isnan()


def test_a_seed_repeats_random_weights():
    first, second, other = perceptron(1), perceptron(2), perceptron(3)
    done = [zerolab.init_(model, "Random", rules="generic", seed=seed) for model, seed in [(first, 5), (second, 5), (other, 6)]]
    assert done[0].seed == 5
    assert torch.equal(first[0].weight, second[0].weight) and not torch.equal(first[0].weight, other[0].weight)


def test_tied_weights_stay_tied():
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(10, 4)
            self.hidden = torch.nn.Linear(4, 4)
            self.head = torch.nn.Linear(4, 10, bias=False)
            self.head.weight = self.embedding.weight

    model = Tied()
    before = model.embedding.weight.detach().clone()
    zerolab.init_(model, "ZerO")
    assert model.head.weight is model.embedding.weight and torch.equal(model.embedding.weight, before)
    assert torch.equal(model.hidden.weight, torch.eye(4))


def test_classes_of_modules_tell_what_names_do_not():
    model = torch.nn.Sequential(torch.nn.ConvTranspose2d(4, 8, 3, bias=False), torch.nn.Embedding(5, 8))
    table = model[1].weight.detach().clone()
    zerolab.init_(model, "ZerO", rules="generic")
    expected = numpy.swapaxes(zerolab.weight("ZerO", (8, 4, 3, 3)), 0, 1)
    numpy.testing.assert_array_equal(model[0].weight.detach().numpy(), expected)
    assert torch.equal(model[1].weight, table)
    # A pattern of the caller takes precedence.
    zerolab.init_(model, "ZerO", rules="generic", zero=["1.*"])
    assert (model[1].weight == 0).all()


def test_the_layout_of_matrices():
    model = torch.nn.Sequential(torch.nn.Linear(6, 8, bias=False))
    zerolab.init_(model, "ZerO", rules="generic", layout="jax")
    numpy.testing.assert_array_equal(model[0].weight.detach().numpy(), zerolab.weight("ZerO", (6, 8)).T)


def test_patterns_override_the_rules():
    model = perceptron()
    kept = model[0].weight.detach().clone()
    zerolab.init_(model, "ZerO", rules="generic", keep=["0.weight"], zero=["3.weight"])
    assert torch.equal(model[0].weight, kept) and (model[3].weight == 0).all()
    with pytest.raises(TypeError, match="must be a list"):
        zerolab.init_(model, keep="0.weight")


@pytest.mark.parametrize(("options", "message"), [
    ({"init": "Zero"}, "unknown initializer 'Zero'"), ({"rules": "resnext"}, "resnext"), ({"keep": ["none"]}, "none"),
])
def test_a_module_is_unchanged_after_an_error(options, message):
    model = perceptron()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(zerolab.ZerolabError, match=message):
        zerolab.init_(model, **options)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


class Block(torch.nn.Module):
    """A residual block with torchvision's names."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(outputs)
        self.conv2 = torch.nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(outputs)
        self.downsample = torch.nn.Sequential(torch.nn.Conv2d(inputs, outputs, 1, bias=False), torch.nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.downsample(x) + self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))


class SmallResNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 8, 7, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(8)
        self.layer1, self.layer2 = torch.nn.Sequential(Block(8, 8), Block(8, 8)), torch.nn.Sequential(Block(8, 16))
        self.fc = torch.nn.Linear(16, 4)

    def forward(self, x):
        return self.fc(self.layer2(self.layer1(self.bn1(self.conv1(x)))).mean((2, 3)))


def check_resnet(model, channels):
    done = zerolab.init_(model, "ZerO")
    assert done.rules == "resnet"
    state = model.state_dict()
    # Algorithm 2: the last convolution of each residual branch is 0.
    branch_ends = [name for name in state if name.endswith(".conv2.weight")]
    assert len(branch_ends) > 2 and all((state[name] == 0).all() for name in branch_ends)
    assert (state["layer1.0.conv1.weight"][:, :, 1, 1] == torch.eye(channels)).all()
    assert model(torch.zeros(2, 3, 64, 64)).isfinite().all()


def test_the_rules_fit_a_small_resnet():
    check_resnet(SmallResNet(), 8)


def test_the_rules_fit_resnet_18():
    # Beside a PyTorch for another kind of processor, torchvision fails with another error than ImportError.
    torchvision = pytest.importorskip("torchvision", exc_type=Exception)
    check_resnet(torchvision.models.resnet18(), 64)
