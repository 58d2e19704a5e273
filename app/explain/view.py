"""A network seen in another way."""

from app.explain.network import Network


class NetworkView(Network):
    """A second Network over the same trace, whose `run` a subclass changes; the network itself stays as it is.

    Args:
        network: everything that a pass doesn't change is shared with it.
    """

    def __init__(self, network: Network) -> None:
        self.__dict__.update(network.__dict__)
        self._network = network
