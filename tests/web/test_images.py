"""Uploads over a real socket: what is kept, what is refused, and that the connection goes on."""

import io
import os
import socket
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from app.store.samples import Sample
from tests.store.pictures import bomb, encoded, noise
from tests.web.problems import problem
from tests.web.streaming import Running, running, until

MEBIBYTE = 1 << 20


def upload(http: httpx.Client, data: bytes, name: str = "picture.png") -> httpx.Response:
    return http.post("/api/v1/images", files={"file": (name, data)})


def test_an_upload_gets_an_id_and_comes_back(http: httpx.Client) -> None:
    answer = upload(http, encoded(noise(33, 21, seed=1)))
    assert answer.status_code == 201
    record = answer.json()
    assert {**record, "id": len(record["id"])} == {"id": 64, "width": 33, "height": 21, "notes": [], "kept": True}
    shown = http.get(answer.headers["location"])
    assert shown.headers["content-type"] == "image/png"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(shown.content))), np.asarray(noise(33, 21, seed=1)))


def test_the_same_upload_is_there_already(http: httpx.Client) -> None:
    first, second = (upload(http, encoded(noise(seed=2), kind)) for kind in ("PNG", "BMP"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert http.get(f"/api/v1/images/{first.json()['id']}/about").json() == first.json()
    problem(http.get(f"/api/v1/images/{'0' * 64}/about"), "unknown_image")


def test_the_same_server_shows_what_a_network_sees(http: httpx.Client, espresso: Sample) -> None:
    seen = Image.open(io.BytesIO(http.get(f"/api/v1/images/{espresso.image}", params={"model": "lenet5"}).content))
    assert (seen.size, seen.mode) == ((32, 32), "L")
    small = Image.open(io.BytesIO(http.get(f"/api/v1/images/{espresso.image}", params={"size": 50}).content))
    assert small.size == (50, 50)


def test_thumbnails_come_as_webp_to_who_says_so(http: httpx.Client, espresso: Sample) -> None:
    address = f"/api/v1/images/{espresso.image}"
    browser = {"Accept": "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"}
    exact, near = (http.get(address, params={"size": 80}, headers=headers) for headers in ({}, browser))
    assert (exact.headers["content-type"], near.headers["content-type"]) == ("image/png", "image/webp")
    assert exact.headers["etag"] != near.headers["etag"]
    assert "Accept" in near.headers["vary"]
    pixels = [np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"), float) for answer in (exact, near)]
    assert np.abs(pixels[0] - pixels[1]).mean() < 5
    assert len(near.content) * 3 < len(exact.content)
    for query in ({}, {"size": 1000}, {"model": "tiny_vgg", "size": 80}):
        assert http.get(address, params=query, headers=browser).headers["content-type"] == "image/png"


def test_images_never_change_and_say_so(http: httpx.Client, espresso: Sample) -> None:
    address = f"/api/v1/images/{espresso.image}"
    first = http.get(address)
    assert "immutable" in first.headers["cache-control"]
    again = http.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get(address, params={"size": 9}).headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("data", "code", "name"),
    [
        (b"", "not_an_image", "empty.png"),
        (b"hello", "not_an_image", "text.png"),
        (b"<!doctype html><script>alert(1)</script>", "not_an_image", "page.png"),
        (b"%PDF-1.7", "not_an_image", "paper.png"),
        (b"PK\x03\x04" + bytes(50), "not_an_image", "archive.png"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "unsupported_image",
            "drawing.svg",
        ),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "unsupported_image", "drawing.eps"),
        (encoded(noise(90, 90))[:900], "truncated", "half.png"),
        (bomb(), "too_many_pixels", "bomb.png"),
    ],
)
def test_bad_files_are_refused(http: httpx.Client, shared_server: Running, data: bytes, code: str, name: str) -> None:
    document = problem(upload(http, data, name), code)
    assert document["field"] == "file"
    assert shared_server.complaints() == []


@pytest.mark.parametrize(
    "name", ["../../x.png", "C:\\x.png", "a%00b.png", "x" * 4000, "a\u202egnp.exe", "<img onerror=alert(1)>.png"]
)
def test_names_of_files_do_not_matter(http: httpx.Client, shared_server: Running, name: str) -> None:
    answer = upload(http, encoded(noise(seed=3)), name)
    assert answer.status_code in (200, 201)
    assert set(answer.json()) == {"id", "width", "height", "notes", "kept"}
    files = {path.name for path in shared_server.settings.data_dir.rglob("*.png")}
    assert f"{answer.json()['id']}.png" in files
    assert all(len(file) == 68 for file in files)


def test_a_polyglot_is_never_served_back(http: httpx.Client) -> None:
    payload = b"<html><script>alert(1)</script></html>"
    record = upload(http, encoded(noise(seed=4)) + payload, "page.html").json()
    shown = http.get(f"/api/v1/images/{record['id']}")
    assert payload not in shown.content
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"


def test_notes_tell_what_was_done(http: httpx.Client) -> None:
    frames = [Image.new("RGB", (9, 9), (value, 0, 0)) for value in (10, 20)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert upload(http, data).json()["notes"] == ["The picture moves: its first frame is shown."]


@pytest.mark.parametrize("image", ["0" * 64, "nothing", "..%2f..%2fetc%2fpasswd", "A" * 64, "-1", "NaN"])
def test_unknown_images(http: httpx.Client, image: str) -> None:
    for query in ("", "?size=10", "?model=lenet5"):
        answer = http.get(f"/api/v1/images/{image}{query}")
        problem(answer, "not_found" if "%2f" in image else "unknown_image")


@pytest.mark.parametrize("size", ["0", "-1", "1e3", "1.5", "NaN", "9999999999999999999999", "٣", "8193", "x"])
def test_sizes_out_of_bounds(http: httpx.Client, espresso: Sample, size: str) -> None:
    answer = http.get(f"/api/v1/images/{espresso.image}", params={"size": size})
    assert problem(answer, "bad_request")["field"] == "size"


def test_an_image_as_seen_by_an_unknown_network(http: httpx.Client, espresso: Sample) -> None:
    document = problem(http.get(f"/api/v1/images/{espresso.image}", params={"model": "nope"}), "unknown_model")
    assert document["detail"].startswith("There is no network called “nope”. The networks are: ")


def test_a_form_without_a_file(http: httpx.Client) -> None:
    document = problem(http.post("/api/v1/images", files={"other": ("a", b"x")}), "bad_request")
    assert document["detail"] == "The form has no file: send the picture in the field “file”."
    assert problem(http.post("/api/v1/images", files={"file": (None, "text")}), "bad_request")["field"] == "file"


def test_several_files_are_one_too_many(http: httpx.Client) -> None:
    data = encoded(noise())
    answer = http.post("/api/v1/images", files=[("file", ("a", data)), ("file", ("b", data))])
    assert problem(answer, "bad_request")["detail"] == "The form has 2 files: send one picture at a time."


@pytest.mark.parametrize("kind", ["application/json", "image/png", None])
def test_a_body_that_is_no_form(http: httpx.Client, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    document = problem(http.post("/api/v1/images", content=b"{}", headers=headers), "unsupported_media_type")
    assert document["detail"].endswith("Send multipart/form-data with the picture in the field “file”.")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n--x--"),
        ("multipart/form-data; boundary=", b"--x\r\n\r\n--x--"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("multipart/form-data; boundary=x", b"\r\n" * (5 * MEBIBYTE)),
        ("multipart/form-data; boundary=x; boundary=y", b"--z\r\n\r\n--z--\r\n"),
    ],
)
def test_broken_forms(http: httpx.Client, kind: str, body: bytes) -> None:
    answer = http.post("/api/v1/images", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422), answer.text
    problem(answer, "malformed" if answer.status_code == 400 else "bad_request")
    assert http.get("/healthz").status_code == 200


def test_a_form_that_is_cut_keeps_nothing(http: httpx.Client) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    picture = encoded(noise(seed=88))
    document = problem(http.post("/api/v1/images", content=head + picture, headers=kind), "malformed")
    assert document["detail"] == "The form is cut: it has to end with the line “--x--”."
    whole = http.post("/api/v1/images", content=head + picture + b"\r\n--x--\r\n", headers=kind)
    assert whole.status_code == 201, "what was cut was not kept"


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A server that takes little."""
    with running(
        tmp_path_factory.mktemp("small"), max_upload_bytes=MEBIBYTE, uploads_per_second=0.5, uploads_at_once=12
    ) as server:
        yield server


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_and_the_connection_goes_on(small_server: Running, chunked: bool) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    tail = b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with httpx.Client(base_url=small_server.url, trust_env=False) as http:
        for excess in (0, 1):
            body = head + bytes(MEBIBYTE - len(head) - len(tail) + excess) + tail
            content = iter([body[:1000], body[1000:]]) if chunked else body
            answer = http.post("/api/v1/images", content=content, headers=headers)
            document = problem(answer, "too_large" if excess else "not_an_image")
            assert not excess or document["detail"] == (
                "The body is larger than 1.0 MiB, the most that /api/v1/images takes."
            )
            assert http.get("/healthz").status_code == 200


def test_too_many_uploads_are_slowed_and_nobody_else_is(small_server: Running) -> None:
    data = encoded(noise())
    with httpx.Client(base_url=small_server.url, trust_env=False) as http:
        answers = [upload(http, data) for _ in range(14)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        document = problem(refused[-1], "rate_limited")
        assert int(refused[-1].headers["retry-after"]) >= 1
        assert document["detail"].startswith("Too many requests. Wait ")
        assert http.get("/api/v1/models").status_code == 200
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=small_server.url, transport=transport, trust_env=False) as other:
        assert upload(other, data).status_code in (200, 201)


def connections(server: Running) -> int:
    return len(server.server.server_state.connections)


def test_an_upload_that_is_given_up_leaves_nothing(
    shared_server: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = sorted(shared_server.settings.data_dir.rglob("*"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    connection = socket.create_connection(("127.0.0.1", shared_server.port))
    connection.sendall(
        f"POST /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1:{shared_server.port}\r\nContent-Length: 9000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
        + bytes(4_000_000)
    )
    until(lambda: connections(shared_server) > 0)
    connection.close()
    until(lambda: connections(shared_server) == 0)
    assert os.listdir(tmp_path) == []
    assert sorted(shared_server.settings.data_dir.rglob("*")) == before
    assert shared_server.complaints() == []


def test_a_full_disk_is_told_and_the_server_goes_on(
    shared_server: Running, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    data = encoded(noise(seed=77))
    with monkeypatch.context() as patched:
        patched.setattr("app.store.blobs.os.fsync", full)
        problem(upload(http, data), "disk_full")
    assert upload(http, data).status_code == 201
