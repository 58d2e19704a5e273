"""Network: a traced nn.Module as a graph of call sites, which runs as a generator."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from threading import Lock
from types import MappingProxyType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from app.explain.errors import AskError, UnknownNode, UnknownUnit
from app.explain.node import Node
from app.explain.operations import ARGUMENTS
from models.card import Preprocessing

Replacement = Callable[[Tensor], Tensor]
Rule = Callable[..., Tensor]
"""`rule(node, compute, *inputs)` gives a node's value; `compute(*inputs)` is what the network itself would do, a
partial of the module or function that it calls."""

Result = TypeVar("Result")
Summary = Callable[[Node, Tensor], Sequence[Result]]
"""`summary(node, value)` gives one result for each of the value's N images."""


class Network:
    """Any convnet in eval mode, taken apart into its call sites.

    The module that is given is never touched: the network works on a frozen twin that shares its weights' memory,
    in eval mode, with in-place operations rewritten. One Network may be used from many threads at once.

    Args:
        module: the network.
        input_shape: shape of one input, C×H×W.
        name: what it is called in messages.
        classes: names of its outputs.
        preprocessing: how a picture becomes its input.

    Raises:
        Untraceable: its control flow depends on its data, or the input does not fit it.
    """

    def __init__(
        self,
        module: nn.Module,
        input_shape: tuple[int, ...],
        *,
        name: str = "network",
        classes: tuple[str, ...] = (),
        preprocessing: Preprocessing | None = None,
    ) -> None:
        from app.explain.rewrite import frozen_copy
        from app.explain.trace import Tracing

        self.name = name
        self.classes = classes
        self.preprocessing = preprocessing
        self.input_shape = input_shape
        self.module = frozen_copy(module)
        self._steps = Tracing(self.module, input_shape).steps()
        self.nodes: Mapping[str, Node] = MappingProxyType({s.node.name: s.node for s in self._steps if s.node})
        self.output = next(reversed(self.nodes))
        self._computes = {step.key: step.compute for step in self._steps}
        self._twins: dict[tuple[Any, ...], Network] = {}
        self._lock = Lock()

    @property
    def parameters(self) -> int:
        """How many numbers it learned."""
        return sum(parameter.numel() for parameter in self.module.parameters())

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next((p.device for p in self.module.parameters()), torch.device("cpu"))

    @property
    def dtype(self) -> torch.dtype:
        """The precision of its weights."""
        return next((p.dtype for p in self.module.parameters()), torch.float32)

    def node(self, name: str, field: str = "params.node") -> Node:
        """One node by name.

        Raises:
            UnknownNode: there is none of this name.
        """
        if name not in self.nodes:
            raise UnknownNode(self.name, name, self.nodes, field)
        return self.nodes[name]

    def unit(self, node: Node, unit: int, field: str = "params.units") -> int:
        """A unit's number, checked.

        Raises:
            UnknownUnit: the node has fewer.
        """
        if not 0 <= unit < node.units:
            raise UnknownUnit(node.name, unit, node.units, field)
        return unit

    def module_of(self, node: Node) -> nn.Module | None:
        """The frozen module that a node calls, or None for a function."""
        module = getattr(self._computes[node.name], "__self__", None)
        return module if isinstance(module, nn.Module) else None

    def parameter(self, node: Node, name: str) -> Tensor | None:
        """A node's learned tensor ("weight", "bias"): its module's, or the one that its function is given."""
        from app.explain.trace import Reference

        called, module = self._computes[node.name], self.module_of(node)
        if module is not None:
            value = getattr(module, name, None)
            return value if isinstance(value, Tensor) else None
        step = next(step for step in self._steps if step.key == node.name)
        given = {**dict(zip(ARGUMENTS.get(called, ()), step.arguments, strict=False)), **step.keywords}.get(name)
        if not isinstance(given, Reference) or given.key in self.nodes:
            return None
        source = next(step for step in self._steps if step.key == given.key)
        tensor: Tensor | None = None if source.reads else source.compute()
        return tensor

    def run(
        self,
        x: Tensor | None = None,
        *,
        start: Mapping[str, Tensor] | None = None,
        until: str | Collection[str] | None = None,
        replace: Mapping[str, Replacement] | None = None,
        rules: Mapping[str, Rule] | None = None,
    ) -> Iterator[tuple[Node, Tensor]]:
        """Computes node after node and yields each with its value, N×shape, `input` first.

        Only what the wanted nodes need is computed, and a value that nobody needs any more is dropped.
        Gradients flow to `x` (and to `start`) where those require them; never to weights.

        Args:
            x: the preprocessed input, N×C×H×W; may be left out when `start` makes it needless. Its height and width may
                differ from the network's where only maps are wanted, that slide over the picture.
            start: values already at hand, by node name; they are used as they are and not yielded.
            until: the node or nodes that are wanted; the network's output unless given.
            replace: functions by node name, each given the node's value and returning the one to go on with.
            rules: functions by operation that compute such nodes instead.

        Raises:
            UnknownNode: `start`, `until` or `replace` names one that is not there.
            AskError: the input's shape does not fit.
        """
        start, replace, rules = start or {}, replace or {}, rules or {}
        wanted = [until] if isinstance(until, str) else list(until) if until is not None else [self.output]
        for name in (*start, *wanted, *replace):
            self.node(name)
        return self._run(x, start, wanted, replace, rules)

    def _run(
        self,
        x: Tensor | None,
        start: Mapping[str, Tensor],
        wanted: list[str],
        replace: Mapping[str, Replacement],
        rules: Mapping[str, Rule],
    ) -> Iterator[tuple[Node, Tensor]]:
        from app.explain.trace import Reference

        needed, last_use = self._plan(frozenset(start), frozenset(wanted))
        values: dict[str, Any] = dict(start)

        def resolve(argument: Any) -> Any:
            if isinstance(argument, Reference):
                return values[argument.key]
            if isinstance(argument, (tuple, list)):
                return type(argument)(resolve(item) for item in argument)
            if isinstance(argument, dict):
                return {name: resolve(item) for name, item in argument.items()}
            if isinstance(argument, slice):
                return slice(resolve(argument.start), resolve(argument.stop), resolve(argument.step))
            return argument

        for index in needed:
            step = self._steps[index]
            if step.node is not None and step.node.operation == "input":
                value = self._checked_input(x, wanted)
            else:
                arguments = [resolve(argument) for argument in step.arguments]
                keywords = {name: resolve(argument) for name, argument in step.keywords.items()}
                rule = rules.get(step.node.operation) if step.node else None
                if rule is not None:
                    value = rule(step.node, partial(step.compute, **keywords), *arguments)
                else:
                    value = step.compute(*arguments, **keywords)
            if step.key in replace:
                value = replace[step.key](value)
            values[step.key] = value
            for key in last_use[index]:
                values.pop(key, None)
            if step.node is not None:
                yield step.node, value

    def _plan(self, start: frozenset[str], wanted: frozenset[str]) -> tuple[list[int], dict[int, list[str]]]:
        """Indices of the steps to compute, and after each the values that are no longer needed."""
        open_keys = set(wanted) - start
        needed: list[int] = []
        last_use: dict[int, list[str]] = {}
        seen: set[str] = set()
        for index in range(len(self._steps) - 1, -1, -1):
            step = self._steps[index]
            if step.key not in open_keys:
                continue
            needed.append(index)
            open_keys |= step.reads - start
            finished = (step.reads | {step.key}) - seen
            last_use[index] = list(finished)
            seen |= finished
        return needed[::-1], last_use

    def _checked_input(self, x: Tensor | None, wanted: list[str]) -> Tensor:
        """The input, if it has the network's shape; of another height and width where only maps are wanted."""
        slides = all(not self.nodes[name].receptive_field.whole for name in wanted)
        picture = x is not None and x.dim() == 4 == 1 + len(self.input_shape)
        compared = slice(0, 1) if slides and picture else slice(None)
        if x is None or tuple(x.shape[1:])[compared] != self.input_shape[compared]:
            expected = "×".join(map(str, self.input_shape))
            given = "none" if x is None else "×".join(map(str, x.shape))
            raise AskError(f"{self.name} takes an input of N×{expected}; given was {given}.", "image")
        return x

    def frontier(self, name: str) -> frozenset[str]:
        """The nodes whose values, beside that of the named one, are enough to `start` all that follows it from."""
        follows = {name}
        needed: frozenset[str] = frozenset()
        for step in self._steps:
            if step.reads & follows and step.key != name:
                follows.add(step.key)
                needed |= step.reads
        # What is no node, such as a size, is computed anew from what it reads.
        reads = {step.key: step.reads for step in self._steps if step.node is None}
        needed -= follows
        while bookkeeping := needed & reads.keys():
            needed = needed - bookkeeping | frozenset().union(*(reads[key] for key in bookkeeping)) - follows
        return needed

    def summed_up(
        self, x: Tensor, summary: Summary[Result], until: str | Collection[str] | None = None
    ) -> Iterator[tuple[Node, Tensor, Result]]:
        """As `run` with one image, and with what `summary` makes of each node's value.

        Where several asks share a pass, `summary` sees all their images at once.
        """
        for node, value in self.run(x, until=until):
            yield node, value, summary(node, value)[0]

    def values(self, x: Tensor, names: Collection[str], **keywords: Any) -> dict[str, Tensor]:
        """The values of some nodes, N×shape each; keywords as for `run`."""
        return {node.name: value for node, value in self.run(x, until=names, **keywords) if node.name in names}

    def logits(self, x: Tensor, **keywords: Any) -> Tensor:
        """The value of the last node, N×classes."""
        return self.values(x, [self.output], **keywords)[self.output]

    def converted(
        self,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
        memory_format: torch.memory_format | None = None,
    ) -> "Network":
        """A twin with its own weights in another precision, on another device, or in another memory layout.

        Each is made once and lives as long as this network.
        """
        from app.explain.rewrite import frozen_copy

        def convert(tensor: Tensor) -> Tensor:
            tensor = tensor.to(device=device, dtype=dtype if tensor.is_floating_point() else None)
            if memory_format is not None and tensor.dim() == 4:
                tensor = tensor.contiguous(memory_format=memory_format)
            return tensor

        with self._lock:
            if (twin := self._twins.get((dtype, device, memory_format))) is None:
                twin = self._twins[dtype, device, memory_format] = Network(
                    frozen_copy(self.module, convert),
                    self.input_shape,
                    name=self.name,
                    classes=self.classes,
                    preprocessing=self.preprocessing,
                )
            return twin
