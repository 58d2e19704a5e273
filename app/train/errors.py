"""What can be wrong with a training."""

from app.explain.errors import AskError


class BadRun(AskError):
    """What is to be trained cannot be trained as it stands."""

    code = "bad_run"


class Diverged(Exception):
    """The loss is no number any more.

    Attributes:
        step: of the batch whose loss it is.
        layer: the first whose weights or values are no numbers.
        learning_rate: with which the weights got there.
    """

    def __init__(self, step: int, layer: str, learning_rate: float) -> None:
        super().__init__(
            f"The loss is not a number at step {step:,}: {layer} is the first layer whose values are none. The "
            f"learning rate was {learning_rate:g}; a smaller one would have been right."
        )
        self.step, self.layer, self.learning_rate = step, layer, learning_rate
