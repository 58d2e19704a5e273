"""What can be wrong with an ONNX file."""

from app.explain.errors import AskError


class BadOnnx(AskError):
    """The file is no ONNX network that can be read here; the message says why, and what would be right."""

    code = "bad_onnx"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, "file")


def quoted(name: str) -> str:
    """A name out of a file as a message may show it: short, in quotation marks, unprintable characters replaced."""
    shown = "".join(character if character.isprintable() else "�" for character in name[:61])
    return f"“{shown if len(shown) <= 60 else shown[:57] + '…'}”"
