"""multipart/form-data (RFC 7578): the parts of a form's body, cut at its boundary (RFC 2046, section 5.1)."""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value

from app.explain.errors import AskError

LONGEST_BOUNDARY = 200
MOST_PARTS = 64
LARGEST_HEADERS = 16 * 1024

END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


class BrokenForm(AskError):
    """The body breaks the rules of multipart/form-data."""

    code = "malformed"


@dataclass(frozen=True)
class Part:
    """One field of a form; a file where it has a file's name, be it empty."""

    name: str
    filename: str | None
    body: memoryview


Buffer = bytes | mmap.mmap

STRETCH = 1 << 22
"""Bytes that are searched at once."""


def boundary_of(content_type: str) -> bytes:
    """What separates the parts, by the body's Content-Type.

    Raises:
        BrokenForm: it names none.
    """
    boundary = parameter(header(content_type), "boundary") or ""
    if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
        raise BrokenForm(
            "The form's Content-Type has to say what separates its parts: multipart/form-data; boundary=…."
        )
    return boundary.encode()


def parts(body: Buffer, content_type: str) -> Iterator[Part]:
    """The parts of a whole body, in order; what stands before the first and after the last is passed over.

    Lines may end in CR LF or in LF alone. Nothing of the body is copied but the parts' headers.

    Raises:
        BrokenForm: a part, or the end of the last one, is not as it has to be.
    """
    boundary = boundary_of(content_type)
    delimiters = Delimiters(body, boundary)
    found = delimiters.first()
    if found is None:
        raise BrokenForm(f"The form has no line “--{boundary.decode()}”, the boundary that its Content-Type names.")
    view = memoryview(body)
    for _ in range(MOST_PARTS):
        if found.last:
            return
        following = delimiters.after(found.end)
        if following is None:
            raise BrokenForm(f"The form is cut: it has to end with the line “--{boundary.decode()}--”.")
        raw = view[found.end : following.start]
        yield part(raw[:-1] if bytes(raw[-1:]) == b"\r" else raw)
        found = following
    raise BrokenForm(f"The form has more than {MOST_PARTS} parts. Send the picture in the field “file”.")


@dataclass(frozen=True)
class Delimiter:
    """Where a delimiter stands in the body, and whether it is the one behind the last part."""

    start: int
    end: int
    last: bool


class Delimiters:
    """The delimiters of a body: each stands at the beginning of a line, and alone on it."""

    def __init__(self, body: Buffer, boundary: bytes) -> None:
        self._body = body
        self._mark = b"--" + boundary
        self._rest = re.compile(rb"(--)?[ \t]{0,99}(?=\r?\n|\Z)")

    def first(self) -> Delimiter | None:
        """The first one, which may stand at the very beginning."""
        return (self._at(0) if self._body[: len(self._mark)] == self._mark else None) or self.after(0)

    def after(self, start: int) -> Delimiter | None:
        """The next one from a place on.

        A search that is one call would let no other thread run until it ends: a large body is searched in stretches.
        """
        wanted = b"\n" + self._mark
        for begin in range(start, len(self._body), STRETCH):
            end = begin + STRETCH + len(wanted) - 1
            at = self._body.find(wanted, begin, end)
            while at >= 0:
                found = self._at(at + 1)
                if found is not None:
                    return found
                at = self._body.find(wanted, at + 1, end)
        return None

    def _at(self, mark: int) -> Delimiter | None:
        """The delimiter whose mark stands at a place, if nothing else stands on its line."""
        rest = self._rest.match(self._body, mark + len(self._mark))
        return None if rest is None else Delimiter(max(0, mark - 1), rest.end(), rest[1] is not None)


def part(raw: memoryview) -> Part:
    """One part from its headers, a blank line and its body."""
    end = END_OF_HEADERS.search(raw, 0, LARGEST_HEADERS)
    if end is None:
        raise BrokenForm("A part of the form has no blank line between its headers and its body.")
    written = bytes(raw[: end.start()]).decode("utf-8", "replace")
    headers = HeaderParser().parsestr(written.lstrip("\r\n"))
    if headers.defects:
        raise BrokenForm("A part of the form has a line among its headers that is none.")
    disposition = header((headers.get_all("Content-Disposition") or [""])[-1])
    name = parameter(disposition, "name")
    if name is None:
        raise BrokenForm("A part of the form has no name: Content-Disposition: form-data; name=….")
    return Part(name, parameter(disposition, "filename"), raw[end.end() :])


def header(value: str) -> Message:
    """A header's value, ready to be asked for its parameters."""
    message = Message()
    message["Content-Type"] = value.replace("\r", "").replace("\n", "")
    return message


def parameter(message: Message, name: str) -> str | None:
    """A parameter of a header, unquoted; of `filename*` what it stands for (RFC 2231).

    Raises:
        BrokenForm: it cannot be read.
    """
    try:
        value = message.get_param(name)
        return None if value is None else collapse_rfc2231_value(value)
    # The standard library stumbles over numbered continuations that count wrongly.
    except (TypeError, ValueError):
        raise BrokenForm(f"A header of the form has a parameter “{name}” that cannot be read.") from None
