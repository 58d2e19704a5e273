"""What the REST API's JSON looks like, for its description; the routes write it without passing through here."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.explain.framing import Framing
from app.store.models import Weights
from app.store.samples import Sample
from models import Card

Kind = Literal["signed", "positive", "weight", "attribution", "picture"]


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["/docs/errors#unknown_node"], description="Ends in a stable code.")
    title: str
    status: int
    detail: str = Field(description="What was wrong, and what would be right.")
    field: str | None = Field(default=None, description="Which part of the request is at fault.")


class Health(BaseModel):
    """How the server is."""

    status: str


class CardWithWeights(Card):
    """A network's card, and where its weights come from."""

    weights: Weights


class ReceptiveField(BaseModel):
    """Row i of the node sees the input rows start + i·step … start + i·step + size − 1; the same for columns."""

    size: tuple[int, int]
    step: tuple[float, float]
    start: tuple[float, float]
    whole: bool = Field(description="It sees the whole input.")
    gated: bool = Field(description="A global operation beside the convolutional path lets every pixel have a say.")


class Node(BaseModel):
    """One call site of a network."""

    name: str
    operation: str
    module: str
    path: list[str] = Field(description="The blocks that hold it, outermost first.")
    inputs: list[str]
    shape: list[int] = Field(description="Without the batch: C×H×W, or a number of units.")
    parameters: int
    macs: int = Field(description="Multiply-adds of one pass over one image.")
    details: dict[str, Any]
    receptive_field: ReceptiveField
    kind: Literal["signed", "positive"]


class Graph(BaseModel):
    """All nodes in order of computation."""

    nodes: list[Node]


class Drawing(BaseModel):
    """A network to one scale: a box's height goes with the square root of its maps' side, its width with that of its
    units."""

    width: float
    height: float
    top: float = Field(description="Where it begins; zero is the middle line.")
    boxes: list[tuple[float, float, float, float, str, str]] = Field(
        description="x, y, width, height, kind (input, convolution, linear, pool, gate or join), and the node's name."
    )
    links: list[str] = Field(description="Paths of SVG for what branches, joins and skips.")


class Outline(BaseModel):
    """A network's drawing, and what one pass of it costs."""

    macs: int = Field(description="Multiply-adds of one pass over one image.")
    activations: int = Field(description="Outputs of its convolutions and dense layers.")
    layers: int = Field(description="How many of these it has.")
    drawing: Drawing


class SourceFile(BaseModel):
    """Where a network is written."""

    file: str = Field(examples=["models/vgg.py"])
    text: str
    lines: dict[str, list[int]] = Field(
        description="For each module the lines that make it, from 1: the outermost call first, its constructor last."
    )
    forwards: dict[str, int] = Field(description="For each module of this file the line where its forward begins.")


class FetchState(BaseModel):
    """How far the fetch of a network's published weights is."""

    state: Literal["idle", "fetching", "done", "failed"]
    received: int = Field(description="Bytes that are here.")
    total: int | None = Field(description="Of how many, where the publisher tells.")
    detail: str | None = Field(description="What failed.")


class ModelList(BaseModel):
    """All networks."""

    models: list[CardWithWeights]


class Model(BaseModel):
    """One network."""

    card: CardWithWeights
    graph: Graph


class Image(BaseModel):
    """An image that came."""

    id: str = Field(pattern="^[0-9a-f]{64}$")
    width: int
    height: int
    notes: list[str] = Field(description="What was done to it: sentences for a person.")
    kept: bool = Field(description="False where it is held in memory only, until newer ones need its room.")


class SampleList(BaseModel):
    """The sample pictures."""

    samples: list[Sample]


class MethodInfo(BaseModel):
    """A method as declared."""

    name: str
    title: str
    summary: str
    help: list[str] = Field(description="Its documentation in paragraphs; the summary is the first.")
    source: str
    image: Literal["required", "optional", "none"]
    shows: str = Field(
        description="The array that is laid over the picture or, with colours, shown beside it; or empty."
    )
    leads: bool = Field(description="Whether the page's panel “Why” begins with it.")
    params: dict[str, Any] = Field(description="JSON Schema of the parameters.")


class MethodList(BaseModel):
    """All methods."""

    methods: list[MethodInfo]


class Array(BaseModel):
    """What an array of an answer is, and where it is to be had."""

    shape: list[int]
    axes: list[str]
    unit: str
    node: str | None
    kind: Kind
    range: tuple[float, float]
    href: str


class AskUnderstood(BaseModel):
    """The ask with its defaults filled in."""

    method: str
    model: str
    image: str | None
    params: dict[str, Any]
    framing: Framing | None = Field(default=None, description="Left out where it is the usual one.")


class AnswerDocument(BaseModel):
    """An answer; the method's own values stand beside these."""

    model_config = ConfigDict(extra="allow")

    answer: str = Field(pattern="^[0-9a-f]{64}$", description="A permanent link: the hash of the ask and the weights.")
    ask: AskUnderstood
    arrays: dict[str, Array]
