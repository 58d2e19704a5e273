"""A method that computes one node for each permit: the stream stands still where a test wants it to."""

import itertools
import threading

from pydantic import Field

from app.explain.method import Params


class GatedParams(Params):
    gate: int = Field(0, ge=0, title="Gate")
    variant: int = Field(0, ge=0, title="To ask the same in another way")


class Gate:
    """Lets a method pass one node at a time; each gate's ask is another, so that none is answered from the cache."""

    numbers = itertools.count(1)

    def __init__(self):
        self.number = next(self.numbers)
        self.nodes = []
        self.permits = threading.Semaphore(0)
        GATES[self.number] = self

    @property
    def ask(self):
        return {"method": "gated", "params": {"gate": self.number}}

    def open(self, nodes=1000):
        self.permits.release(nodes)


GATES = {}
