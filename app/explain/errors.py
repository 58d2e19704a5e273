"""What an ask can have wrong with it. Each error carries a stable code and the field that is at fault."""

from collections.abc import Iterable


class AskError(ValueError):
    """An ask that cannot be answered as it stands; the message says what was wrong and what would be right."""

    code = "bad_parameter"

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class UnknownNode(AskError):
    """The network has no node of this name."""

    code = "unknown_node"

    def __init__(self, network: str, node: str, known: Iterable[str], field: str = "params.node") -> None:
        names = list(known)
        shown = ", ".join(names[:12]) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
        super().__init__(f"{network} has no node “{node[:80]}”. Its nodes are: {shown}.", field)


class UnknownUnit(AskError):
    """The node has fewer units than that."""

    code = "unknown_unit"

    def __init__(self, node: str, unit: int, units: int, field: str = "params.units") -> None:
        right = (
            f"its {units} units count from 0 to {units - 1}" if units > 1 else "it has but one, so that unit 0 is right"
        )
        super().__init__(f"{node} has no unit {unit}: {right}.", field)


class ImageRequired(AskError):
    """The method looks at a picture and none was named."""

    code = "image_required"


class MemoryBudget(AskError):
    """Answering would take more memory than one ask may have."""

    code = "memory_budget"
