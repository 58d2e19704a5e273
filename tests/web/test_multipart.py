"""Forms: the conformance suite passes, what was written is read, and nothing that is broken gets further."""

import base64
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multipart_form_data_conformance import get_tests_dir

from app.web.multipart import MOST_PARTS, BrokenForm, Part, parts

CASES = sorted(get_tests_dir().glob("*/*/test.json"))
KIND = "multipart/form-data; boundary=x"


def body_of(expected: dict[str, Any]) -> bytes:
    if "body_base64" in expected:
        return base64.b64decode(expected["body_base64"])
    return str(expected["body_text"]).encode()


def test_the_suite_is_there() -> None:
    assert len(CASES) >= 58


@pytest.mark.parametrize("case", CASES, ids=[case.parent.name for case in CASES])
def test_the_conformance_suite_passes(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))["expected"]
    headers = json.loads((case.parent / "headers.json").read_text(encoding="utf-8"))
    kind = next(value for name, value in headers.items() if name.lower() == "content-type")
    body = (case.parent / "input.raw").read_bytes()
    if not expected["valid"]:
        with pytest.raises(BrokenForm):
            list(parts(body, kind))
        return
    found = list(parts(body, kind))
    assert [part.name for part in found] == [part["name"] for part in expected["parts"]]
    for part, told in zip(found, expected["parts"], strict=True):
        assert part.filename in (told["filename"], told.get("filename_star"))
        assert (part.filename is None) == (told["filename"] is None and "filename_star" not in told)
        assert len(part.body) == told["body_size"]
        if "body_sha256" not in told:
            assert part.body == body_of(told)


def written(part: Part, boundary: bytes) -> bytes:
    """A part as browsers write it."""
    escaped = part.filename.replace("\\", "\\\\").replace('"', '\\"') if part.filename is not None else None
    filename = f'; filename="{escaped}"' if escaped is not None else ""
    head = f'Content-Disposition: form-data; name="{part.name}"{filename}\r\n'
    return b"--" + boundary + b"\r\n" + head.encode() + b"\r\n" + part.body + b"\r\n"


names = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)
bodies = st.lists(st.sampled_from([b"\r", b"\n", b"--", b"x", b"\0\xff", b" "]), max_size=30).map(b"".join)


@given(st.lists(st.builds(Part, st.just("file"), st.none() | names, bodies), max_size=5))
def test_what_was_written_is_read(given: list[Part]) -> None:
    boundary = b"none-of-the-bodies"
    body = b"".join(written(part, boundary) for part in given) + b"--" + boundary + b"--\r\n"
    assert list(parts(body, f"multipart/form-data; boundary={boundary.decode()}")) == given


@given(
    st.lists(
        st.sampled_from([b"--x", b"--", b"\r\n", b"\n", b"Content-Disposition: ", b"form-data; ", b"name", b"=", b'"',
                         b"filename*", b"0", b"utf-8''%ff", b"\0", b";", b":", b"\xff", b"\\"]),
        max_size=60,
    ).map(b"".join)
)  # fmt: skip
def test_any_bytes_are_a_form_or_a_broken_one(body: bytes) -> None:
    for noise in (body, b"--x\r\nContent-Disposition: form-data; " + body + b"\r\n\r\n\r\n--x--"):
        with contextlib.suppress(BrokenForm):
            list(parts(noise, KIND))


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", f"a/b; boundary={'x' * 201}",
                                  "multipart/form-data; boundary=ü"])  # fmt: skip
def test_without_a_boundary_nothing_is_read(kind: str) -> None:
    with pytest.raises(BrokenForm, match="has to say what separates its parts"):
        list(parts(b"--x--", kind))


def test_a_counted_parameter_that_cannot_be_counted() -> None:
    header = b"Content-Disposition: form-data; name=file; filename*" + b"9" * 5000 + b"=a"
    with pytest.raises(BrokenForm, match="cannot be read"):
        list(parts(b"--x\r\n" + header + b"\r\n\r\n\r\n--x--", KIND))


def test_a_form_has_an_end() -> None:
    one = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    assert len(list(parts(one * (MOST_PARTS - 1) + b"--x--", KIND))) == MOST_PARTS - 1
    with pytest.raises(BrokenForm, match=f"more than {MOST_PARTS} parts"):
        list(parts(one * 1000 + b"--x--", KIND))
