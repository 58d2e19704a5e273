"""Draws the sample pictures and writes their index: `python static/samples/draw.py`.

Everything that is seen is computed here; no photograph is used. The same Pillow and NumPy give the same bytes.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent.parent)]

import digits  # noqa: E402
import food  # noqa: E402
import outdoors  # noqa: E402
import voyage  # noqa: E402
from PIL import Image  # noqa: E402

from app.store.samples import INDEX, sample_id  # noqa: E402

SIDE = 256


@dataclass(frozen=True)
class Drawing:
    """A sample: its name, what it is called, how it is drawn, and what the classes are called that it belongs to."""

    name: str
    title: str
    draw: Callable[[], Image.Image]
    labels: tuple[str, ...]


DRAWINGS = (
    Drawing("espresso", "An espresso", partial(food.espresso, SIDE), ("espresso",)),
    Drawing("ladybug", "A ladybug on a leaf", partial(outdoors.ladybug, SIDE), ("ladybug",)),
    Drawing("pizza", "A pizza", partial(food.pizza, SIDE), ("pizza",)),
    Drawing("school_bus", "A school bus", partial(outdoors.school_bus, SIDE), ("school bus",)),
    Drawing("orange", "An orange", partial(food.orange, SIDE), ("orange",)),
    Drawing("bell_pepper", "A bell pepper", partial(food.bell_pepper, SIDE), ("bell pepper",)),
    Drawing("sport_car", "A sports car", partial(outdoors.sport_car, SIDE), ("sport car", "sports car", "automobile")),
    Drawing("lifeboat", "A lifeboat", partial(voyage.lifeboat, SIDE), ("lifeboat",)),
    Drawing("ship", "A ship", partial(voyage.ship, SIDE), ("ship", "liner")),
    Drawing("airplane", "An airplane", partial(voyage.airplane, SIDE), ("airplane", "airliner")),
    *(
        Drawing(f"digit_{value}", f"The digit {value}", partial(digits.digit, value), (word,))
        for value, word in ((3, "three"), (7, "seven"), (4, "four"), (2, "two"), (8, "eight"))
    ),
)


def main() -> None:
    """Draws everything."""
    index = []
    for drawing in DRAWINGS:
        path = FOLDER / f"{drawing.name}.png"
        image = drawing.draw()
        image.save(path, optimize=True)
        index.append(
            {
                "image": sample_id(path),
                "name": drawing.name,
                "title": drawing.title,
                "width": image.width,
                "height": image.height,
                "labels": drawing.labels,
            }
        )
        print(f"{drawing.title}: {path.name}")
    (FOLDER / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
