"""The command line: what it asks is what the engine answers; what is wrong is said in one sentence."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import Field
from typer.testing import CliRunner, Result

import models
from app.cli import app
from app.cli_explain import option_name, parse
from app.explain import method as declarations
from app.explain.method import Frame, Method, Params, method, methods
from app.explain.network import Network
from app.explain.preprocess import tensor


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    data = str(tmp_path / "data")
    runner = CliRunner(env={"COLUMNS": "200", "TERM": "dumb", "CONVSCOPE_WEIGHTS": "", "CONVSCOPE_DATA_DIR": data})
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(4).integers(0, 256, (70, 90, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def logits(path: Path) -> torch.Tensor:
    """What torch itself says, without anything of the engine."""
    preprocessing = models.declaration("tiny_vgg")[0].preprocessing
    with Image.open(path) as image, torch.no_grad():
        return models.create("tiny_vgg", pretrained=True).eval()(tensor(image.convert("RGB"), preprocessing))[0]


def test_json_goes_to_the_output(run: Callable[..., Result], picture: Path) -> None:
    done = run("explain", "classify", "--model", "tiny_vgg", "--image", picture, "--k", 3)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["ask"]["params"] == {"k": 3}
    expected = logits(picture).topk(3)
    assert [row["index"] for row in answer["top"]] == expected.indices.tolist()
    assert [row["logit"] for row in answer["top"]] == pytest.approx(expected.values.tolist(), abs=1e-4)


def test_arrays_go_to_npz(run: Callable[..., Result], picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.npz"
    done = run("explain", "activations", "-m", "tiny_vgg", "-i", picture, "--nodes", "conv_1_1,output", "-o", out)
    assert done.exit_code == 0, done.output
    with np.load(out) as arrays:
        assert set(arrays) == {"conv_1_1", "output"}
        assert arrays["conv_1_1"].shape == (10, 62, 62)
        np.testing.assert_allclose(arrays["output"], logits(picture).numpy(), atol=1e-4)


def test_a_film_goes_to_webp(run: Callable[..., Result], picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "dream.webp"
    asked = ("explain", "deep_dream", "-m", "tiny_vgg", "-i", picture, "--node", "conv_1_2", "--steps", 1, "-o", out)
    done = run(*asked, "--film", 3)
    assert done.exit_code == 0, done.output
    with Image.open(out) as image:
        assert (image.format, image.n_frames, image.size) == ("WEBP", 3, (256, 256))
    done = run(*asked)
    assert done.exit_code == 2
    assert "picture is no film: deep_dream makes one where its parameter film says how many" in done.output


def test_one_array_goes_to_png(run: Callable[..., Result], picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.PNG"
    chosen = ("--param", "nodes=max_pool_1,max_pool_2", "--units", "0-3", "--array", "max_pool_2")
    done = run("explain", "activations", "-m", "tiny_vgg", "-i", picture, *chosen, "-o", out)
    assert done.exit_code == 0, done.output
    with Image.open(out) as image:
        # Four maps of 13 × 13 as 2 × 2, with a gap of one, enlarged by a whole number.
        assert image.width == image.height
        assert image.width % 27 == 0


def test_a_picture_is_framed(run: Callable[..., Result], picture: Path) -> None:
    done = run("explain", "classify", "-m", "tiny_vgg", "-i", picture, "--fit", "letterbox")
    assert json.loads(done.stdout)["ask"]["framing"]["fit"] == "letterbox"
    cut = run("explain", "classify", "-m", "tiny_vgg", "-i", picture, "--crop", "0.1,0,1")
    assert json.loads(cut.stdout)["ask"]["framing"]["left"] == 0.1
    wrong = run("explain", "classify", "-m", "tiny_vgg", "-i", picture, "--crop", "0.9,0,1")
    assert wrong.exit_code == 2
    assert "beyond the picture of 90 × 70" in wrong.output


def test_json_goes_to_a_file(run: Callable[..., Result], picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    assert run("explain", "classify", "-m", "tiny_vgg", "-i", picture, "-o", out).stdout == ""
    assert len(json.loads(out.read_text(encoding="utf-8"))["top"]) == 5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("clasify", "-m", "tiny_vgg"), "There is no method “clasify”. The methods are: "),
        (("classify", "-m", "tiny_vg", "-i", "PICTURE"), "There is no network called “tiny_vg”. The networks are: "),
        (("classify", "-m", "tiny_vgg"), "looks at a picture"),
        (
            ("classify", "-m", "tiny_vgg", "-i", "nowhere.png"),
            "nowhere.png cannot be read: No such file or directory. ",
        ),
        (("classify", "-m", "tiny_vgg", "-i", __file__), "This file is not a picture, whatever its name says. "),
        (("classify", "-m", "tiny_vgg", "-i", "PICTURE", "--k", "many"), "params.k is “many”, but it must be a whole "),
        (
            ("classify", "-m", "tiny_vgg", "-i", "PICTURE", "--k", "0"),
            "params.k is 0, but it must be a whole number from",
        ),
        (("classify", "-m", "tiny_vgg", "-i", "PICTURE", "--param", "q=1"), "classify has no parameter “q”. "),
        (
            ("activations", "-m", "tiny_vgg", "-i", "PICTURE", "--nodes", "a"),
            "tiny_vgg has no node “a”. Its nodes are: ",
        ),
        (("classify", "-m", "tiny_vgg", "-i", "PICTURE", "-o", "a.gif"), "--out is “a.gif”, but it must end in .png, "),
        (
            ("classify", "-m", "tiny_vgg", "-i", "PICTURE", "-o", "no/a.png"),
            "but there is no folder no. Make it first.",
        ),
        (
            ("classify", "-m", "tiny_vgg", "-i", "PICTURE", "-o", "a.png", "--array", "b"),
            "has no array “b”. Its arrays ",
        ),
    ],
)
def test_what_is_wrong_is_said(
    run: Callable[..., Result], picture: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run("explain", *(str(picture) if argument == "PICTURE" else argument for argument in arguments))
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_param_without_a_value_is_said(run: Callable[..., Result], picture: Path) -> None:
    done = run("explain", "classify", "-m", "tiny_vgg", "-i", picture, "--param", "k")
    assert done.exit_code == 2
    assert "--param is “k”, but it must be name=value" in done.stderr


@pytest.mark.parametrize("name", methods())
def test_every_field_of_every_method_has_an_option(run: Callable[..., Result], name: str) -> None:
    done = run("explain", name, "--help")
    assert done.exit_code == 0
    words = done.output.replace("│", " ").split()
    for field in methods()[name].params.model_fields:
        flag = f"--{option_name(field)}".replace("_", "-")
        assert any(word.rstrip(",") == flag for word in words), field


class EchoParams(Params):
    node: str = "output"
    model: str = Field(default="x", description="Named as an option that every command has.")
    ratio: float = Field(default=0.5, ge=0, le=1, json_schema_extra={"unit": "px"})
    loud: bool = False
    units: list[int] | None = None
    names: tuple[str, ...] = ()


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Method:
    """A method declared here, which gives back its parameters."""
    methods()
    monkeypatch.setattr(declarations, "_METHODS", dict(declarations._METHODS))

    @method("echo", title="Echo", source="none", image="none")
    def echo(network: Network, image: torch.Tensor | None, params: EchoParams) -> Iterator[Frame]:
        """Gives back [what] it got."""
        yield Frame("echo", values={"got": params.model_dump()})

    return methods()["echo"]


def test_a_new_method_gets_its_command(echo: Method, run: Callable[..., Result]) -> None:
    options = ("--units", "0-2,7", "--names", "a, b", "--loud", "--param-model", "5", "--ratio", "0.25")
    done = run("explain", "echo", "-m", "lenet5", *options)
    assert done.exit_code == 0, done.output
    got = {"node": "output", "model": "5", "ratio": 0.25, "loud": True, "units": [0, 1, 2, 7], "names": ["a", "b"]}
    assert json.loads(done.stdout)["got"] == got
    shown = run("explain", "echo", "--help").output
    assert "Gives back [what] it got." in shown
    assert "a number from 0 to 1" in shown
    assert "(px, default: 0.5)" in shown


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("5", "node", "5"),
        ("5", "ratio", 5),
        ("five", "ratio", "five"),
        ("[3, 4]", "units", [3, 4]),
        ("3", "units", [3]),
        ("3,5-7,-1", "units", [3, 5, 6, 7, -1]),
        ("3,x", "units", [3, "x"]),
        ("3,4-", "units", [3, "4-"]),
        ("0-99999999999", "units", ["0-99999999999"]),
        ("conv.1", "names", ["conv.1"]),
        ("[3, 4", "units", "[3, 4"),
    ],
)
def test_typed_values(text: str, field: str, value: object) -> None:
    schema = EchoParams.model_json_schema()
    assert parse(text, schema["properties"][field], schema) == value


@pytest.mark.parametrize("columns", ["80", "200"])
def test_models_are_listed(columns: str, tmp_path: Path) -> None:
    env = {"COLUMNS": columns, "TERM": "dumb", "CONVSCOPE_WEIGHTS": "", "CONVSCOPE_DATA_DIR": str(tmp_path)}
    listed = CliRunner(env=env).invoke(app, ["models"]).output
    for card in models.cards():
        assert f"{card.id} " in listed
        assert f"{card.parameters:,}" in listed
    line = next(line for line in listed.splitlines() if line.startswith("vgg16"))
    assert "random" in line


def test_a_network_is_added_asked_and_removed(run: Callable[..., Result], tmp_path: Path, picture: Path) -> None:
    state = models.create("tiny_vgg", pretrained=True).state_dict()
    torch.save(state, tmp_path / "mine.pth")
    (tmp_path / "names.txt").write_text("\n".join(f"thing {i}" for i in range(10)))
    done = run("models", "add", tmp_path / "mine.pth", "--title", "Mine [b]", "--classes", tmp_path / "names.txt")
    assert done.exit_code == 0, done.output
    model = done.stdout.strip()
    assert (tmp_path / "mine.pth").exists()
    assert run("models", "add", tmp_path / "mine.pth").stdout.strip() == model
    line = next(line for line in run("models").output.splitlines() if line.startswith(model))
    assert "own" in line and "Mine [b]" in line
    asked = run("explain", "classify", "--model", model, "--image", picture, "--k", 1)
    top = json.loads(asked.stdout)["top"][0]
    expected = logits(picture)
    assert (top["label"], top["logit"]) == (f"thing {int(expected.argmax())}", pytest.approx(float(expected.max())))
    assert run("models", "remove", model, "--yes").exit_code == 0
    for arguments, told in (
        (("remove", model, "--yes"), "There is no network called"),
        (("remove", "lenet5", "--yes"), "lenet5 came with the server"),
        (("add", tmp_path / "names.txt"), "names.txt is neither an ONNX file nor one of weights"),
        (("add", tmp_path / "nothing.onnx"), "cannot be used: No such file or directory"),
    ):
        done = run("models", *arguments)
        assert (done.exit_code, told in done.stderr) == (2, True), done.output


def test_training_says_what_is_missing(run: Callable[..., Result], tmp_path: Path) -> None:
    done = run("train", "vgg16", "--data", tmp_path)
    assert (done.exit_code, done.stderr.split(".")[0]) == (2, "There is no recipe for “vgg16”")
    done = run("train", "lenet5", "--data", tmp_path)
    assert done.exit_code == 2
    assert "The data set “mnist” is not in" in done.stderr
