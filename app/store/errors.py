"""What can be wrong with what is stored."""

from app.explain.errors import AskError


class NotAnImage(AskError):
    """The bytes are no picture at all."""

    code = "not_an_image"


class UnsupportedImage(AskError):
    """The bytes are a picture of a format that is not read here."""

    code = "unsupported_image"


class TruncatedImage(AskError):
    """The picture ends early, or its data are broken."""

    code = "truncated"


class TooManyPixels(AskError):
    """The picture is larger than this server decodes."""

    code = "too_many_pixels"


class DiskFull(AskError):
    """There is no room left for what was to be kept."""

    code = "disk_full"

    def __init__(self) -> None:
        super().__init__("The server's disk is full: nothing was kept. Make room on it, then try again.")


class BadWeights(AskError):
    """A network's file of weights cannot be used."""

    code = "bad_weights"


class UnsafeModel(AskError):
    """A file of weights asks for something to be run when it is read."""

    code = "unsafe_model"


class BadModel(AskError):
    """A network that somebody brought cannot be taken, or what was said of it does not fit it."""

    code = "bad_model"
