"""Files that are broken or mean harm: each gets its own sentence, and none fills memory or runs code."""

import random as chance
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from app.explain.network import Network
from app.onnx.errors import BadOnnx
from app.onnx.importer import read_onnx
from app.onnx.limits import Limits
from app.onnx.messages import read_model
from app.onnx.names import paths
from tests.onnx.single import model, random, single, whole

SMALL = Limits(file_bytes=1 << 22, nodes=50, tensors=50, memory_bytes=1 << 26, macs=10**8)
CONV = single("Conv", (1, 3, 8, 8), random(4, 3, 3, 3), random(4))


def edited(data: bytes, change: Callable[[onnx.ModelProto], None]) -> bytes:
    """A file with something wrong in it."""
    proto = onnx.load_from_string(data)
    change(proto)
    return bytes(proto.SerializeToString())


def vast(proto: onnx.ModelProto) -> None:
    proto.graph.initializer[0].dims[:] = [10**6, 10**6]


def negative(proto: onnx.ModelProto) -> None:
    proto.graph.initializer[0].dims[:] = [-4, 3, 3, 3]


def many_axes(proto: onnx.ModelProto) -> None:
    proto.graph.initializer[0].dims[:] = [1] * 40


def text_tensor(proto: onnx.ModelProto) -> None:
    proto.graph.initializer[0].data_type = TensorProto.STRING


def twice(proto: onnx.ModelProto) -> None:
    proto.graph.initializer[1].name = proto.graph.initializer[0].name


def not_finite(proto: onnx.ModelProto) -> None:
    weights = np.full((4, 3, 3, 3), np.nan, np.float32)
    proto.graph.initializer[0].raw_data = weights.tobytes()


def outside(location: str) -> Callable[[onnx.ModelProto], None]:
    def change(proto: onnx.ModelProto) -> None:
        tensor = proto.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)

    return change


def cycle(proto: onnx.ModelProto) -> None:
    proto.graph.node.insert(0, helper.make_node("Add", ["x", "y"], ["z"], name="first"))
    proto.graph.node[1].input[0] = "z"


def from_nowhere(proto: onnx.ModelProto) -> None:
    proto.graph.node[0].input[0] = "nothing"


def made_twice(proto: onnx.ModelProto) -> None:
    proto.graph.node.append(helper.make_node("Relu", ["x"], ["y"], name="again"))


def future(proto: onnx.ModelProto) -> None:
    proto.opset_import[0].version = 999


def foreign(proto: onnx.ModelProto) -> None:
    proto.graph.node[0].domain = "com.example"


def crowd(proto: onnx.ModelProto) -> None:
    proto.graph.node.extend(helper.make_node("Relu", ["x"], [f"r{i}"]) for i in range(60))


def hoard(proto: onnx.ModelProto) -> None:
    proto.graph.initializer.extend(onnx.numpy_helper.from_array(random(1), f"t{i}") for i in range(60))


def nested(proto: onnx.ModelProto) -> None:
    graph = helper.make_graph([], "inner", [], [])
    for depth in range(30):
        graph = helper.make_graph([helper.make_node("If", ["c"], [f"o{depth}"], then_branch=graph)], "g", [], [])
    proto.graph.node.append(helper.make_node("If", ["c"], ["o"], then_branch=graph))


def no_output(proto: onnx.ModelProto) -> None:
    del proto.graph.output[:]


def two_inputs(proto: onnx.ModelProto) -> None:
    proto.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 3, 8, 8]))
    proto.graph.node.append(helper.make_node("Add", ["y", "z"], ["sum"]))
    proto.graph.output[0].name = "sum"


def flat_input(proto: onnx.ModelProto) -> None:
    proto.graph.input[0].CopyFrom(helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 192]))


def huge_picture(proto: onnx.ModelProto) -> None:
    proto.graph.input[0].CopyFrom(helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 2**40, 2**40]))


def costly(proto: onnx.ModelProto) -> None:
    proto.graph.input[0].CopyFrom(helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 1900, 1900]))
    proto.graph.node[0].attribute.append(helper.make_attribute("strides", [1, 1]))


UNRAVELLED = b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
MANY_FIELDS = b"\x08\x01" * 150_000

HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "holds no graph"),
    "truncated": (CONV[:-40], "ends in the middle of a field"),
    "cut in the middle": (CONV[: len(CONV) // 2], "ends in the middle of a field"),
    "no graph": (b"\x08\x08", "holds no graph"),
    "a number without end": (UNRAVELLED, "a number that does not end"),
    "fields without end": (MANY_FIELDS, "more than 100000 fields"),
    "too many bytes": (bytes(5 << 20), "5,242,880 bytes"),
    "a tensor of 10¹² numbers": (edited(CONV, vast), "1000000×1000000 = 1000000000000 numbers, but 432 bytes"),
    "a tensor of negative size": (edited(CONV, negative), "axis of negative size"),
    "a tensor of forty axes": (edited(CONV, many_axes), "more than 16 axes"),
    "a tensor of texts": (edited(CONV, text_tensor), "holds text"),
    "two tensors of one name": (edited(CONV, twice), "Two tensors of the file are both called “c0”"),
    "weights that are NaN": (edited(CONV, not_finite), "108 of 108 are not finite"),
    "weights elsewhere": (edited(CONV, outside("../../etc/passwd")), "kept in another file, “../../etc/passwd”"),
    "a cycle": (edited(CONV, cycle), "reads “y”, which no node before it makes"),
    "a value from nowhere": (edited(CONV, from_nowhere), "Nothing in the file makes the value “nothing”"),
    "a value made twice": (edited(CONV, made_twice), "“y” is made twice"),
    "an opset to come": (edited(CONV, future), "opset 999; those from 7 to 28 are read"),
    "an operation of somebody's own": (edited(CONV, foreign), "(com.example.Conv, opset 17) is of an operation that"),
    "an unknown operation": (single("Det", (1, 3, 4, 4)), "“/block/node” (Det, opset 17) is of an operation"),
    "too many nodes": (edited(CONV, crowd), "more nodes than this server allows"),
    "too many tensors": (edited(CONV, hoard), "more tensors than this server allows"),
    "graphs in graphs": (edited(CONV, nested), "nests graphs deeper than 8"),
    "no output": (edited(CONV, no_output), "has no output"),
    "two inputs": (edited(CONV, two_inputs), "has 2 inputs (“x”, “z”)"),
    "no picture": (edited(CONV, flat_input), "is of 2 axes; pictures have four"),
    "a vast picture": (edited(CONV, huge_picture), "MiB"),
    "a costly picture": (edited(CONV, costly), "multiply-adds"),
    "a vast kernel": (single("MaxPool", (1, 3, 8, 8), kernel_shape=[2**40, 1]), "kernel, stride or dilation that is"),
    "a kernel of nothing": (single("MaxPool", (1, 3, 8, 8), kernel_shape=[0, 1]), "not between 1 and 1048576"),
    "a kernel beyond the map": (single("MaxPool", (1, 3, 8, 8), kernel_shape=[99, 99]), "larger than the map"),
    "a vast padding": (single("Pad", (1, 3, 8, 8), whole(0, 0, 2**40, 0, 0, 0, 0, 0)), "pads by more than a million"),
    "padding of gigabytes": (single("Pad", (1, 3, 8, 8), whole(0, 0, 2**19, 2**19, 0, 0, 0, 0)), "MiB"),
    "a vast constant": (
        model(
            [helper.make_node("ConstantOfShape", ["s"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])],
            (1, 3, 8, 8), 13, {"s": whole(10**6, 10**6)},
        ),
        "makes a constant of 1000000000000 numbers",
    ),
    "a vast range": (
        model(
            [helper.make_node("Range", ["a", "b", "d"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])],
            (1, 3, 8, 8), 13, {name: np.array(number) for name, number in (("a", 0), ("b", 10**14), ("d", 1))},
        ),
        "more than memory allows",
    ),
    "a vast product": (
        model(
            [helper.make_node("MatMul", ["a", "b"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])],
            (1, 3, 8, 8), 13, {"a": random(50_000, 1), "b": random(1, 50_000)},
        ),
        "makes a constant of 2500000000 numbers",
    ),
    "a vast average": (
        single("AveragePool", (1, 3, 8, 8), kernel_shape=[999, 999], pads=[10**6] * 4, count_include_pad=1),
        "numbers, more than memory allows",
    ),
    "a vast resize": (
        single("Resize", (1, 3, 8, 8), None, np.array([1, 1, 9e5, 9e5], np.float32), opset=13), "too large to show",
    ),
    "weights that do not fit": (
        single("Conv", (1, 5, 8, 8), random(4, 3, 3, 3)), "4×3×3×3 in 1 groups, which do not fit 5 channels",
    ),
    "a group too many": (single("Conv", (1, 3, 8, 8), random(4, 3, 3, 3), group=-1), "in -1 groups"),
}  # fmt: skip


def most_memory() -> int:
    """The most bytes that this process ever had, torch's among them; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_gets_its_sentence_and_no_memory(case: str) -> None:
    data, sentence = HOSTILE[case]
    before = most_memory()
    with pytest.raises(BadOnnx) as caught:
        read_onnx(data, limits=SMALL)
    assert sentence in caught.value.detail
    assert caught.value.detail.endswith(".") and len(caught.value.detail) < 500
    # torch itself loads more of its own at its first use.
    assert most_memory() - before < 256 << 20


def test_random_bytes_and_flipped_ones_are_refused_or_read() -> None:
    """Whatever the bytes: a network, or a sentence; never another error."""
    source = chance.Random(0)
    for i in range(400):
        data = bytearray(CONV)
        for _ in range(1 + i % 8):
            data[source.randrange(len(data))] = source.randrange(256)
        for tried in (bytes(data), bytes(data[: source.randrange(len(data))]), source.randbytes(i)):
            with suppress(BadOnnx):
                read_onnx(tried, limits=SMALL)


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "../../x",
        "a.b/../c",
        "forward",
        "",
        "/",
        "\u202egpj",
        "x" * 9000,
        "input",
        "__class__",
    ],
)
def test_a_hostile_name_becomes_a_harmless_one(name: str) -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], name=name),
        helper.make_node("Neg", ["a"], ["b"], name=name),
        helper.make_node("Exp", ["b"], ["y"], name=f"{name}/inner"),
    ]
    file = read_onnx(model(nodes, (1, 3, 4, 4), 13))
    names = list(Network(file.module, file.input_shape).nodes)
    assert len(set(names)) == 4
    for found in names:
        assert len(found) < 600 and all(
            part and part.replace("_", "a").replace("-", "a").isalnum() for part in found.split(".")
        )


def test_many_nodes_of_one_name_are_told_apart() -> None:
    nodes = [helper.make_node("Relu", [f"v{i}" if i else "x"], [f"v{i + 1}"], name="same") for i in range(1000)]
    assert (
        len(set(paths(read_model(memoryview(model(nodes, (1, 1, 2, 2), outputs=["v1000"])), Limits()).graph.nodes)))
        == 1000
    )


def test_data_files_are_read_beside_the_network_alone(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    weights = random(4, 3, 3, 3)
    for place in (folder / "weights.bin", tmp_path / "secret.bin"):
        place.write_bytes(weights.tobytes())
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    path = folder / "net.onnx"
    path.write_bytes(edited(CONV, outside("weights.bin")))
    assert read_onnx(path).values["y"].held == (1, 4, 6, 6)
    for location in ("../secret.bin", str(tmp_path / "secret.bin"), "link.bin", "nothing.bin", "", "a\0b", "."):
        path.write_bytes(edited(CONV, outside(location)))
        with pytest.raises(BadOnnx, match="no file in the network's folder"):
            read_onnx(path)
    (folder / "weights.bin").write_bytes(b"short")
    path.write_bytes(edited(CONV, outside("weights.bin")))
    with pytest.raises(BadOnnx, match="goes beyond the end"):
        read_onnx(path)


def test_names_of_classes_are_those_that_the_file_tells() -> None:
    named = [("names", '{"0": "a", "1": "b", "2": "c", "3": "<d>"}'), ("labels", "a\nb\nc\n<d>"), ("classes", "[1, 2]")]
    for key, told in named:

        def tell(proto: onnx.ModelProto, key: str = key, told: str = told) -> None:
            proto.metadata_props.add(key=key, value=told)

        assert read_onnx(edited(CONV, tell)).classes == (None if key == "classes" else ("a", "b", "c", "<d>"))
