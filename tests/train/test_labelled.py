"""Labelled pictures that somebody brings: what is read, what is left out, and what is refused."""

import io
import stat
import zipfile
from pathlib import Path

import pytest
import torch
from PIL import Image

from app.train.labelled import read_labelled
from app.train.picture_files import BadPictures, Limits


def picture(colour: tuple[int, ...] = (10, 20, 30), size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(file, kind)
    return file.getvalue()


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unpacked(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


TWO = {f"{label}/{i}.png": picture((40 * i, 0, 0)) for label in ("cat", "dog") for i in range(5)}


def test_a_folder_and_its_zip_are_the_same_set(tmp_path: Path) -> None:
    read = [read_labelled(unpacked(tmp_path / "pets", TWO), 16), read_labelled(packed(tmp_path / "pets.zip", TWO), 16)]
    for found in read:
        assert found.classes == ("cat", "dog") and found.images.shape == (10, 3, 16, 16)
        assert found.labels.tolist() == [0] * 5 + [1] * 5
        assert found.images[:, 0, 3, 3].tolist() == [0, 40, 80, 120, 160] * 2
        assert found.test.tolist() == [False, False, True, False, False] * 2
        assert not found.notes
    assert torch.equal(read[0].images, read[1].images)


def test_parts_and_a_folder_around_them(tmp_path: Path) -> None:
    files = {f"mine/{part}/{label}/a.jpg": picture(kind="JPEG") for part in ("train", "val") for label in ("b", "a")}
    found = read_labelled(packed(tmp_path / "mine.zip", {**files, "mine/README.txt": b"hello"}), 8)
    assert found.classes == ("a", "b") and sorted(found.test.tolist()) == [False, False, True, True]
    found = read_labelled(packed(tmp_path / "other.zip", files), 8)
    assert found.labels.tolist() == [0, 1, 0, 1] and found.test.tolist() == [False, False, True, True]
    assert not found.notes


def test_pictures_are_upright_on_white_and_cut_to_their_middle(tmp_path: Path) -> None:
    turned = Image.new("RGB", (20, 10), "red")
    turned.paste("blue", (0, 0, 10, 10))
    exif = turned.getexif()
    exif[0x0112] = 6
    file = io.BytesIO()
    turned.save(file, "PNG", exif=exif)
    wide = Image.new("RGB", (30, 10), "red")
    wide.paste("lime", (10, 0, 20, 10))
    middle = io.BytesIO()
    wide.save(middle, "PNG")
    files = {"a/clear.png": picture((0, 0, 0, 0)), "a/turned.png": file.getvalue(), "b/wide.png": middle.getvalue()}
    found = read_labelled(unpacked(tmp_path / "set", files), 10)
    clear, upright, cut = found.images
    assert (clear == 255).all()
    assert (upright[2, :4] > 200).all() and (upright[0, 6:] > 200).all()
    assert (cut[1] == 255).all() and not cut[0].any()


def test_what_cannot_be_read_is_named_and_counted(tmp_path: Path) -> None:
    bomb = picture((0, 0, 0), (8000, 7000))
    more = {
        "cat/notes.txt": b"a cat", "cat/half.png": picture()[:50], "cat/empty.png": b"", "dog/huge.png": bomb,
        "lonely.png": picture(), "__MACOSX/cat/._1.png": b"x", "dog/.DS_Store": b"x", "bird/song.mp3": b"ID3",
    }  # fmt: skip
    found = read_labelled(packed(tmp_path / "pets.zip", TWO | more), 16)
    assert len(found.images) == 10
    assert dict(found.skipped) == {
        "cat/notes.txt": "it is no picture that can be read",
        "cat/half.png": "it is no picture that can be read",
        "cat/empty.png": "it is no picture that can be read",
        "dog/huge.png": "it has 8000 × 7000 pixels",
        "lonely.png": "it is in no class's folder",
        "bird/song.mp3": "it is no picture that can be read",
    }
    assert found.notes[0].startswith("6 files were left out: bird/song.mp3 (it is no picture that can be read); ")
    assert found.notes[0].endswith("; and 1 more.")
    assert found.notes[1] == "No picture was found for: bird."


def test_an_empty_class_of_a_folder_is_said(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "pets", TWO)
    (folder / "fish").mkdir()
    assert read_labelled(folder, 8).empty == ("fish",)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"cat/1.png": picture(), "cat/2.png": picture()}, r"only one class with pictures, “cat”; two are needed"),
        ({"1.png": picture()}, r"holds no pictures in folders of classes; .* 1\.png: it is in no class's folder\."),
        ({}, "holds no pictures in folders of classes"),
        ({"cat/1.png": b"x", "dog/1.png": b"y"}, r"The first of 2 files left out is cat/1\.png: it is no picture"),
    ],
)
def test_what_cannot_be_told_apart(tmp_path: Path, files: dict[str, bytes], sentence: str) -> None:
    with pytest.raises(BadPictures, match=sentence):
        read_labelled(packed(tmp_path / "set.zip", files))


@pytest.mark.parametrize("name", ["../cat/1.png", "cat/../../1.png", "/etc/1.png", "cat\\..\\1.png", "C:/cat/1.png"])
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    # ZipInfo would mend the name: it is broken afterwards, in the bytes.
    path = packed(tmp_path / "set.zip", TWO | {"x" * len(name): picture()})
    path.write_bytes(path.read_bytes().replace(b"x" * len(name), name.encode()))
    with pytest.raises(BadPictures, match="a name that leads out of it"):
        read_labelled(path)


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = unpacked(tmp_path / "elsewhere", {"secret.png": picture((1, 2, 3))})
    folder = unpacked(tmp_path / "pets", TWO)
    (folder / "cat" / "link.png").symlink_to(secret / "secret.png")
    (folder / "fox").symlink_to(secret)
    path = packed(tmp_path / "pets.zip", TWO)
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo("cat/link.png")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, str(secret / "secret.png"))
    assert len(read_labelled(folder, 8).images) == len(read_labelled(path, 8).images) == 10


def test_bombs(tmp_path: Path) -> None:
    zeros = bytes(40 << 20)
    found = read_labelled(packed(tmp_path / "one.zip", TWO | {"cat/zeros.png": zeros}), 8)
    assert dict(found.skipped) == {"cat/zeros.png": "it has more than 32 MiB"}
    many = packed(tmp_path / "many.zip", TWO | {"cat/a.png": zeros, "dog/b.png": zeros})
    with pytest.raises(BadPictures, match=r"many\.zip holds 80 MiB when it is unpacked; at most 64 are read"):
        read_labelled(many, 8, Limits(all_bytes=64 << 20))
    full = packed(tmp_path / "full.zip", TWO)
    with pytest.raises(BadPictures, match=r"full\.zip holds 10 files; at most 9 are read"):
        read_labelled(full, 8, Limits(files=9))


def test_a_zip_that_lies_about_its_sizes_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = packed(tmp_path / "liar.zip", TWO | {"cat/zeros.png": bytes(10 << 20)})
    size = (10 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
    assert dict(read_labelled(path, 8).skipped).keys() == {"cat/zeros.png"}


def test_no_zip_at_all(tmp_path: Path) -> None:
    whole = packed(tmp_path / "pets.zip", TWO).read_bytes()
    for name, data in {"text.zip": b"hello", "half.zip": whole[: len(whole) // 2], "empty.zip": b""}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadPictures, match=rf"{name} is neither a folder nor a zip that can be read"):
            read_labelled(tmp_path / name)
    with pytest.raises(BadPictures, match="neither a folder nor a zip"):
        read_labelled(tmp_path / "nowhere")


def test_broken_data_inside_a_whole_zip(tmp_path: Path) -> None:
    path = packed(tmp_path / "pets.zip", TWO)
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("dog/4.png")
    data = bytearray(path.read_bytes())
    data[entry.header_offset + 45] ^= 0xFF
    path.write_bytes(data)
    assert [name for name, _ in read_labelled(path, 8).skipped] == ["dog/4.png"]
