"""Uploads: the one file of a form, and its other fields."""

import mmap
from collections.abc import Iterable
from typing import BinaryIO

from fastapi import Request

from app.explain.errors import AskError
from app.store.blobs import full_disk_told
from app.web.multipart import Buffer, Part


class BadUpload(AskError):
    """The form holds no file, or not one alone."""

    code = "bad_request"


class NoForm(AskError):
    """The body is no form."""

    code = "unsupported_media_type"


def form_type(request: Request, wanted: str) -> str:
    """The Content-Type of a form; raises NoForm where the body is none."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        named = f"“{kind[:80]}”" if kind else "of no stated type"
        raise NoForm(f"The body is {named}. Send multipart/form-data with the {wanted} in the field “file”.")
    return kind


def the_file(parts: Iterable[Part], wanted: str) -> Part:
    """The form's one `file`; raises BadUpload, and BrokenForm as the parts do."""
    files = [part for part in parts if part.name == "file" and part.filename is not None]
    if not files:
        raise BadUpload(f"The form has no file: send the {wanted} in the field “file”.", "file")
    if len(files) > 1:
        raise BadUpload(f"The form has {len(files)} files: send one {wanted} at a time.", "file")
    return files[0]


async def spooled(request: Request, file: BinaryIO) -> Buffer:
    """A request's body, written to a file as it comes and read from there when it is looked at."""
    with full_disk_told():
        async for chunk in request.stream():
            file.write(chunk)
        file.flush()
    # An empty file cannot be mapped.
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if file.tell() else b""
