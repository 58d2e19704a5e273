"""What can be trained: data sets, networks, recipes; and what a design comes to."""

from typing import Any

from app.render.outline import outline
from app.train.architecture import Architecture
from app.train.datasets import TITLES
from app.train.errors import BadRun
from app.train.networks import Design, fit
from app.train.plan import read_design
from app.train.recipes import Recipe
from app.train.shipped import RECIPES
from app.web.describe import describe_graph
from app.web.services import Services
from models import cards

LARGEST_SIDE = 64
"""Of networks that are offered: larger ones take hours here."""

EXAMPLE = {
    "title": "LeNet-5 on shapes",
    "model": "lenet5",
    "data": "shapes",
    "recipe": {"learning_rate": 0.02, "batch_size": 32, "epochs": 20},
    "seed": 1,
}


def options(services: Services) -> dict[str, Any]:
    """Everything that a form needs."""
    offered = [card for card in cards() if card.preprocessing.crop <= LARGEST_SIDE]
    return {
        "data": [data_set(services, name) for name in sorted(TITLES, key=lambda name: name != "shapes")],
        "models": [
            {"id": card.id, "title": card.title, "parameters": card.parameters, "side": card.preprocessing.crop}
            for card in offered
        ],
        "recipe": Recipe.model_json_schema(),
        "recipes": {
            name: {"data": plan.data, "recipe": plan.recipe.model_dump(mode="json")} for name, plan in RECIPES.items()
        },
        "architecture": Architecture.model_json_schema(),
        "example": EXAMPLE,
        "limits": {"running": services.workers.most},
    }


def data_set(services: Services, name: str) -> dict[str, Any]:
    """A data set, and why it is not here."""
    told: dict[str, Any] = {"id": name, "title": TITLES[name], "here": True, "problem": None}
    try:
        found = services.runs.spec(name)
    except BadRun as error:
        empty: dict[str, Any] = {"classes": [], "train": None, "test": None, "shape": None}
        return told | empty | {"here": False, "problem": error.detail}
    known = {"classes": found.classes, "train": found.train, "test": found.test, "shape": found.shape}
    return told | known


def design_of(services: Services, content: dict[str, Any]) -> dict[str, Any]:
    """What a design comes to with the pictures of a set; raises BadRun."""
    data = content.pop("data", "shapes")
    design: Design = read_design(content)
    found = services.runs.spec(str(data))
    fitted = fit(design, found.shape, found.classes, str(data))
    network = fitted.traced(fitted.blank())
    return {
        "graph": describe_graph(network),
        "parameters": network.parameters,
        "macs": sum(node.macs for node in network.nodes.values()),
        "source": fitted.source(),
        "outline": outline(network),
    }
