"""Images by their content: kept once, given back without metadata, the same after a restart."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.store.database import Database
from app.store.errors import DiskFull
from app.store.images import ImageStore, NoSuchImage, blob_key
from app.store.samples import shipped_samples
from models import declaration
from tests.store.pictures import encoded, noise

UNKNOWN = "0" * 64


def test_an_image_comes_back_pixel_by_pixel(make_store: Callable[[], ImageStore]) -> None:
    store = make_store()
    record, new = store.add(encoded(noise(30, 20)))
    assert new
    assert (record.width, record.height) == (30, 20)
    shown = Image.open(io.BytesIO(store.shown_png(record.id)))
    assert np.array_equal(np.asarray(shown), np.asarray(noise(30, 20)))


def test_the_same_image_is_kept_once(make_store: Callable[[], ImageStore], tmp_path: Path) -> None:
    store = make_store()
    first, new = store.add(encoded(noise()))
    second, again = store.add(encoded(noise(), "BMP"))
    assert (new, again) == (True, False)
    assert first == second
    assert len(list((tmp_path / "blobs").rglob("*.png"))) == 1


def test_many_uploads_of_one_image_at_once_keep_it_once(make_store: Callable[[], ImageStore], tmp_path: Path) -> None:
    store, data, results = make_store(), encoded(noise()), []
    threads = [threading.Thread(target=lambda: results.append(store.add(data))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({record.id for record, _ in results}) == 1
    assert sum(new for _, new in results) == 1
    assert len(list((tmp_path / "blobs").rglob("*.png"))) == 1


def test_an_image_and_its_notes_survive_a_restart(make_store: Callable[[], ImageStore], database: Database) -> None:
    record, _ = make_store().add(encoded(noise(3, 2).convert("CMYK"), "JPEG"))
    assert len(record.notes) == 2
    database.close()
    later = make_store()
    assert later.record(record.id) == record
    assert later.picture(record.id).size == (3, 2)


def test_nothing_but_pixels_is_kept(make_store: Callable[[], ImageStore], tmp_path: Path) -> None:
    text, exif = PngInfo(), Image.Exif()
    text.add_text("Comment", "a secret place")
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Camera"
    store = make_store()
    record, _ = store.add(encoded(noise(), pnginfo=text, exif=exif, icc_profile=b"profile" * 9))
    (kept,) = (tmp_path / "blobs").rglob("*.png")
    for data in (kept.read_bytes(), store.shown_png(record.id), store.shown_png(record.id, 5)):
        kinds = {name for name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"tIME", b"pHYs") if name in data}
        assert kinds == set()
        assert b"secret" not in data


def test_a_thumbnail_keeps_the_shape_and_has_at_least_a_pixel(make_store: Callable[[], ImageStore]) -> None:
    store = make_store()
    record, _ = store.add(encoded(noise(400, 3)))

    def size(largest: int) -> tuple[int, int]:
        return Image.open(io.BytesIO(store.shown_png(record.id, largest))).size

    assert size(100) == (100, 1)
    assert size(400) == size(5000) == (400, 3)


def test_a_network_gets_the_tensor_that_its_card_says(make_store: Callable[[], ImageStore]) -> None:
    store = make_store()
    record, _ = store.add(encoded(noise(90, 70)))
    for name in ("lenet5", "tiny_vgg", "resnet18"):
        preprocessing = declaration(name)[0].preprocessing
        tensor = store.tensor(record.id, preprocessing)
        assert tensor.shape == (1, *preprocessing.input_shape)
        seen = np.asarray(Image.open(io.BytesIO(store.seen_png(record.id, preprocessing))))
        channels = seen.reshape(preprocessing.crop, preprocessing.crop, -1).transpose(2, 0, 1)
        mean, std = (np.array(values)[:, None, None] for values in (preprocessing.mean, preprocessing.std))
        assert np.allclose(tensor[0].numpy(), (channels / 255 - mean) / std, atol=1e-5)


def test_samples_are_images(make_store: Callable[[], ImageStore]) -> None:
    store = make_store()
    for sample in shipped_samples().all:
        assert store.record(sample.image).width == sample.width
        assert store.picture(sample.image).size == (sample.width, sample.height)


def test_a_sample_that_is_uploaded_is_there_already(make_store: Callable[[], ImageStore]) -> None:
    sample = shipped_samples().all[0]
    record, new = make_store().add((shipped_samples().folder / f"{sample.name}.png").read_bytes())
    assert (record.id, new) == (sample.image, False)


@pytest.mark.parametrize("image_id", [UNKNOWN, "", "x", "../../etc/passwd", "A" * 64, "٣" * 64])
def test_unknown_images_are_missing(make_store: Callable[[], ImageStore], image_id: str) -> None:
    store = make_store()
    assert store.find(image_id) is None
    for get in (store.record, store.picture, store.shown_png):
        with pytest.raises(NoSuchImage):
            get(image_id)


def test_an_image_whose_file_is_gone_is_missing(make_store: Callable[[], ImageStore], tmp_path: Path) -> None:
    record, _ = make_store().add(encoded(noise()))
    (tmp_path / "blobs" / blob_key(record.id)).unlink()
    with pytest.raises(NoSuchImage):
        make_store().picture(record.id)


def test_fifty_million_pixels_are_kept(make_store: Callable[[], ImageStore]) -> None:
    store = make_store()
    record, _ = store.add(encoded(Image.new("L", (10_000, 5_000), 77), compress_level=1))
    assert (record.width, record.height) == (10_000, 5_000)
    preprocessing = declaration("tiny_vgg")[0].preprocessing
    assert np.allclose(store.tensor(record.id, preprocessing).numpy(), 77 / 255)


def test_a_full_disk_keeps_nothing(
    make_store: Callable[[], ImageStore], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = make_store()

    def full(*_arguments: object) -> None:
        raise DiskFull

    with monkeypatch.context() as patched:
        patched.setattr(store._blobs, "put", full)
        with pytest.raises(DiskFull):
            store.add(encoded(noise()))
    record, new = store.add(encoded(noise()))
    assert new
    assert store.record(record.id) == record
