"""Ranges of units as text: "3,7,9-12"."""

from app.explain.errors import AskError, UnknownUnit


def parse_units(text: str, units: int, node: str, field: str = "units") -> list[int]:
    """Reads a range of units, in its order, each once.

    Args:
        text: numbers and ranges with both ends included, separated by commas: "3,7,9-12".
        units: how many units there are.
        node: whose units, for the message.
        field: where the text stood, for the message.

    Raises:
        AskError: the text is no such range.
        UnknownUnit: there are fewer units than that.
    """
    chosen: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = (first, last) if dash else (first, first)
        if not all(end.isascii() and end.isdigit() and len(end) < 10 for end in ends):
            raise AskError(f"“{text[:80]}” is no range of units: write numbers and ranges such as 3,7,9-12.", field)
        low, high = int(ends[0]), int(ends[1])
        if high >= units:
            raise UnknownUnit(node, high, units, field)
        if low > high:
            raise AskError(f"The range of units {low}-{high} runs backwards: write {high}-{low}.", field)
        chosen.update(dict.fromkeys(range(low, high + 1)))
    return list(chosen)
