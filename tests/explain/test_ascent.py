"""The parts of the climb, each held against something plain."""

import gc
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

import models
from app.explain import precision
from app.explain.ascent.climb import Ascent, Gait, Summit, denormalised, normalised
from app.explain.ascent.objectives import responses
from app.explain.ascent.parametrisation import Parametrisation
from app.explain.ascent.strided import unstrided
from app.explain.ascent.transforms import Shake, moved
from app.explain.network import Network
from app.explain.precision import bfloat16_is_fast, fast_twin


def random_pictures(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(sum(shape)))


def shaken(pictures: Tensor, **settings: float) -> Tensor:
    return Shake(**settings)(pictures, torch.Generator().manual_seed(5))


def test_responses_are_norm_mean_and_centre() -> None:
    value = torch.randn((2, 3, 4, 5), generator=torch.Generator().manual_seed(0))
    units = torch.tensor([2, 0])
    maps = [value[0, 2], value[1, 0]]
    assert responses(value, units, "norm").tolist() == pytest.approx([float((m**2).sum()) ** 0.5 for m in maps])
    assert responses(value, units, "mean").tolist() == pytest.approx([float(m.sum()) / 20 for m in maps])
    assert responses(value, units, "centre").tolist() == [float(m[2, 2]) for m in maps]
    assert responses(value[:, :, 0, 0], units, "norm").tolist() == [float(m[0, 0]) for m in maps]
    assert responses(value.bfloat16(), units, "mean").dtype == torch.float32
    assert responses(value.double(), units, "mean").dtype == torch.float64


@settings(max_examples=40)
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 20),
    st.integers(1, 20),
    st.booleans(),
    st.booleans(),
)
def test_any_picture_can_be_made_of_any_numbers(
    n: int, c: int, h: int, w: int, fourier: bool, decorrelate: bool
) -> None:
    pictures = 0.02 + 0.96 * random_pictures(n, c, h, w)
    made = Parametrisation(pictures, fourier=fourier, decorrelate=decorrelate).pictures()
    torch.testing.assert_close(made, pictures, atol=1e-4, rtol=0)


def test_independent_numbers_make_pixels_of_their_size() -> None:
    """White noise over the frequencies gives logits of deviation one, the low frequencies the strongest."""
    parametrisation = Parametrisation(torch.full((200, 1, 32, 32), 0.5), fourier=True, decorrelate=False)
    noise = torch.randn(parametrisation.values.shape, generator=torch.Generator().manual_seed(0)) * math.sqrt(0.5)
    logits = parametrisation.pictures(noise).logit()
    assert float(logits.std()) == pytest.approx(1, abs=0.15)
    spectrum = torch.fft.rfft2(logits).abs().mean((0, 1))
    assert float(spectrum[0, 1]) > 3 * float(spectrum[0, 4]) > 6 * float(spectrum[0, 15])


def test_blur_is_a_gaussian() -> None:
    """The same as a sum over the neighbours weighted by exp(−d²/2σ²), the picture repeating at its edges."""
    pictures = random_pictures(1, 1, 24, 24)
    offsets = torch.arange(-9, 10)
    weights = torch.exp(-(offsets**2) / (2 * 1.5**2))
    kernel = torch.outer(weights, weights) / weights.sum() ** 2
    expected = F.conv2d(F.pad(pictures, (9, 9, 9, 9), mode="circular"), kernel[None, None])
    parametrisation = Parametrisation(pictures, fourier=False, decorrelate=False)
    parametrisation.move(torch.zeros_like(pictures), blur=1.5)
    torch.testing.assert_close(parametrisation.pictures(), expected, atol=1e-4, rtol=0)


def test_blur_is_the_same_over_pixels_and_frequencies() -> None:
    pictures = 0.1 + 0.8 * random_pictures(2, 3, 17, 22)
    pixels = Parametrisation(pictures, fourier=False, decorrelate=True)
    waves = Parametrisation(pictures, fourier=True, decorrelate=True)
    for parametrisation in (pixels, waves):
        parametrisation.move(torch.zeros_like(parametrisation.values), blur=0.8, decay=0.1)
    torch.testing.assert_close(pixels.pictures(), waves.pictures(), atol=1e-4, rtol=0)


def test_decay_is_a_step_towards_grey() -> None:
    pictures = random_pictures(1, 3, 8, 8)
    parametrisation = Parametrisation(pictures, fourier=False, decorrelate=False)
    parametrisation.move(torch.zeros_like(pictures), decay=0.25)
    torch.testing.assert_close(parametrisation.pictures(), 0.5 + 0.75 * (pictures - 0.5))


def test_plain_pixels_stay_within_black_and_white() -> None:
    parametrisation = Parametrisation(random_pictures(1, 1, 8, 8), fourier=False, decorrelate=False)
    parametrisation.move(torch.linspace(-3, 3, 64).reshape(1, 1, 8, 8))
    assert float(parametrisation.pictures().min()) == 0 and float(parametrisation.pictures().max()) == 1


def test_an_idle_shake_leaves_the_picture_alone() -> None:
    pictures = random_pictures(2, 3, 9, 9)
    assert shaken(pictures) is pictures


def test_a_shake_stays_within_its_bounds() -> None:
    """A ramp shifted by at most three pixels changes by the shift everywhere but near its edge."""
    ramp = torch.arange(32.0).expand(1, 1, 32, 32)
    change = (shaken(ramp, jitter=3.0) - ramp)[..., 4:-4]
    assert 0 < abs(float(change.mean())) <= 3
    torch.testing.assert_close(change, change.mean().expand_as(change), atol=1e-4, rtol=0)


def test_a_shift_by_whole_pixels_is_a_roll_within_the_edges() -> None:
    pictures = random_pictures(2, 3, 12, 15)
    rolled = pictures.roll((2, -3), (2, 3))
    torch.testing.assert_close(
        moved(pictures, 2, -3, 1, 0)[..., 3:-3, 3:-3], rolled[..., 3:-3, 3:-3], atol=1e-4, rtol=0
    )


def test_a_turn_is_about_the_centre_whatever_the_shape() -> None:
    square, wide = random_pictures(1, 2, 15, 15), random_pictures(1, 1, 9, 21)
    torch.testing.assert_close(moved(square, 0, 0, 1, 90), square.rot90(1, (2, 3)), atol=1e-4, rtol=0)
    torch.testing.assert_close(moved(wide, 0, 0, 1, 180), wide.flip(2, 3), atol=1e-4, rtol=0)
    middle = wide[..., 6:15]
    torch.testing.assert_close(moved(wide, 0, 0, 1, 90)[..., 6:15], middle.rot90(1, (2, 3)), atol=1e-4, rtol=0)


def test_the_shift_comes_after_the_turn() -> None:
    square = random_pictures(1, 1, 21, 21)
    expected = square.rot90(1, (2, 3)).roll((1, 4), (2, 3))
    torch.testing.assert_close(
        moved(square, 1, 4, 1, 90)[..., 5:-5, 5:-5], expected[..., 5:-5, 5:-5], atol=1e-4, rtol=0
    )


def test_a_zoom_enlarges_about_the_centre() -> None:
    ramp = (torch.arange(33.0) - 16).expand(1, 1, 33, 33)
    torch.testing.assert_close(moved(ramp, 0, 0, 1.25, 0)[..., 4:-4], ramp[..., 4:-4] / 1.25, atol=1e-4, rtol=0)


@settings(max_examples=60)
@given(
    kernel=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    stride=st.integers(2, 4),
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    size=st.tuples(st.integers(7, 24), st.integers(7, 24)),
    bias=st.booleans(),
)
def test_a_strided_convolution_is_a_dense_one_over_blocks(
    kernel: tuple[int, int], stride: int, padding: tuple[int, int], size: tuple[int, int], bias: bool
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        convolution = nn.Conv2d(3, 4, kernel, stride, padding, bias=bias).double()
    network = Network(nn.Sequential(convolution), (3, *size))
    x = random_pictures(2, 3, *size).double().requires_grad_()
    expected = convolution(x)
    found = network.values(x, ["0"], rules={"convolution": unstrided(network)})["0"]
    torch.testing.assert_close(found, expected)
    weights = torch.linspace(-1, 1, expected.numel(), dtype=x.dtype).reshape(expected.shape)
    gradients = [torch.autograd.grad((weights * value).sum(), x)[0] for value in (found, expected)]
    torch.testing.assert_close(*gradients)


def gait(**changes: float) -> Gait:
    shake = Shake(*(changes.pop(name, 0.0) for name in ("jitter", "scale", "rotate")))
    return Gait(learning_rate=0.05, shake=shake, blur=changes.get("blur", 0.0), decay=changes.get("decay", 0.0), seed=0)


@pytest.mark.parametrize(
    "change",
    [{"jitter": 4.0}, {"scale": 0.2}, {"rotate": 20.0}, {"blur": 0.5}, {"decay": 0.05}],
    ids=lambda change: next(iter(change)),
)
def test_each_regulariser_matters(change: dict[str, float]) -> None:
    network = Network(models.create("lenet5"), (1, 32, 32))

    def climbed(changes: dict[str, float]) -> Tensor:
        start = random_pictures(1, 1, 32, 32)
        summit = Summit(network.node("conv2"), [3], "norm")
        ascent = Ascent(network, summit, Parametrisation(start, fourier=False, decorrelate=False), gait(**changes))
        for _ in range(5):
            ascent.step()
        return ascent.pictures()

    plain = climbed({})
    assert torch.equal(plain, climbed({}))
    assert float((climbed(change) - plain).abs().mean()) > 0.01


@pytest.mark.parametrize("option", ["fourier", "decorrelate"])
def test_each_parametrisation_matters(option: str) -> None:
    network = Network(models.create("tiny_vgg", pretrained=True), (3, 64, 64))

    def climbed(fourier: bool, decorrelate: bool) -> Tensor:
        parametrisation = Parametrisation(random_pictures(1, 3, 64, 64), fourier=fourier, decorrelate=decorrelate)
        ascent = Ascent(network, Summit(network.node("conv_1_2"), [3], "norm"), parametrisation, gait())
        for _ in range(5):
            ascent.step()
        return ascent.pictures()

    with_it = climbed(fourier=option == "fourier", decorrelate=option == "decorrelate")
    assert float((with_it - climbed(fourier=False, decorrelate=False)).abs().mean()) > 0.01


def test_independent_colours_vary_together_as_in_photographs() -> None:
    """Independent numbers of deviation one make logits whose covariance is A·Aᵀ: mostly light and dark."""
    parametrisation = Parametrisation(torch.full((1, 3, 200, 200), 0.5), fourier=False, decorrelate=True)
    noise = torch.randn((1, 3, 200, 200), generator=torch.Generator().manual_seed(0))
    covariance = parametrisation.pictures(noise).logit().flatten(2)[0].cov()
    torch.testing.assert_close(covariance, parametrisation.axes @ parametrisation.axes.T, atol=0.02, rtol=0)
    assert float(covariance.min()) > 0.2


def test_normalisation_and_back() -> None:
    card, _ = models.declaration("squeezenet1_1")
    network = Network(models.create("squeezenet1_1"), (3, 224, 224), preprocessing=card.preprocessing)
    pictures = random_pictures(1, 3, 8, 8)
    x = normalised(network, pictures)
    assert float(x[0, 1, 2, 3]) == pytest.approx((float(pictures[0, 1, 2, 3]) - 0.456) / 0.224, rel=1e-5)
    torch.testing.assert_close(denormalised(network, x), pictures)


def test_the_fast_twin_is_made_once_where_it_pays_and_goes_with_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "bfloat16_is_fast", lambda device: True)
    network = Network(models.create("cifar_resnet20"), (3, 32, 32))
    twin = fast_twin(network)
    assert twin.dtype == torch.bfloat16 and network.dtype == torch.float32
    assert fast_twin(network) is twin
    gc.collect()
    kept = len(precision._twins)
    del network, twin
    gc.collect()
    assert len(precision._twins) == kept - 1


def test_no_twin_where_it_does_not_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "bfloat16_is_fast", lambda device: True)
    for network in (
        Network(models.create("tiny_vgg"), (3, 64, 64)),
        Network(models.create("cifar_resnet20").double(), (3, 32, 32)),
    ):
        assert fast_twin(network) is network
    monkeypatch.setattr(precision, "bfloat16_is_fast", lambda device: False)
    network = Network(models.create("cifar_resnet20"), (3, 32, 32))
    assert fast_twin(network) is network


def test_bfloat16_is_fast_where_the_processor_says_so() -> None:
    capabilities = torch.cpu.get_capabilities()
    has = bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    assert bfloat16_is_fast(torch.device("cpu")) == has
    assert not bfloat16_is_fast(torch.device("mps"))


def test_both_precisions_climb_the_same_hill(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradient in bfloat16 points where that in float32 does."""
    network = Network(models.create("cifar_resnet20"), (3, 32, 32))

    def gradient(fast: bool) -> Tensor:
        monkeypatch.setattr(precision, "bfloat16_is_fast", lambda device: fast)
        parametrisation = Parametrisation(random_pictures(4, 3, 32, 32), fourier=False, decorrelate=False)
        ascent = Ascent(network, Summit(network.node("layer2.1.conv2"), range(4), "norm"), parametrisation, gait())
        return ascent.gradient(parametrisation.values, ascent.units)

    cosine = nn.functional.cosine_similarity(gradient(True).flatten(1), gradient(False).flatten(1))
    assert float(cosine.min()) > 0.95
