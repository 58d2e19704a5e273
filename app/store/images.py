"""ImageStore: pictures by content. Uploaded ones are kept re-encoded, and the bytes that came are forgotten."""

import io
import re
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from app.explain.framing import Framing
from app.explain.preprocess import seen, tensor
from app.store.blobs import Blobs
from app.store.database import Database
from app.store.decode import decode
from app.store.memory import Memory
from app.store.samples import Samples
from models.card import Preprocessing

IMAGE_ID = re.compile(r"[0-9a-f]{64}")

TENSOR_BYTES = 64 << 20
PICTURE_BYTES = 64 << 20


class NoSuchImage(LookupError):
    """There is no image of this id."""


@dataclass(frozen=True)
class ImageRecord:
    """What is known of an image."""

    id: str
    width: int
    height: int
    notes: tuple[str, ...] = ()


class ImageStore:
    """Where images are kept and come from; an ImageSource for the engine. For many threads."""

    def __init__(self, database: Database, blobs: Blobs, samples: Samples, max_pixels: int) -> None:
        self._database = database
        self._blobs = blobs
        self._samples = samples
        self._max_pixels = max_pixels
        self._tensors: Memory[tuple[str, Preprocessing, Framing | None], Tensor] = Memory(
            TENSOR_BYTES, lambda value: value.nbytes
        )
        self._pictures: Memory[str, Image.Image] = Memory(PICTURE_BYTES, lambda value: 3 * value.width * value.height)

    def add(self, data: bytes) -> tuple[ImageRecord, bool]:
        """Decodes and keeps an upload. Gives its record, and whether it is new.

        The picture is on the disk before its record is: a server that is killed in between has kept nothing that
        it promised.

        Raises:
            NotAnImage, UnsupportedImage, TruncatedImage, TooManyPixels: it cannot be decoded.
            DiskFull: there is no room for it.
        """
        picture = decode(data, self._max_pixels)
        image_id = picture.id
        known = self.find(image_id)
        if known is not None:
            return known, False
        record = ImageRecord(image_id, picture.image.width, picture.image.height, picture.notes)
        self._blobs.put(blob_key(image_id), png(picture.image))
        self._pictures.get(image_id, lambda: picture.image)
        return record, self._insert(record)

    def _insert(self, record: ImageRecord) -> bool:
        from sqlalchemy.exc import IntegrityError

        row = {"id": record.id, "width": record.width, "height": record.height, "notes": list(record.notes)}
        try:
            with self._database.transaction() as connection:
                connection.execute(self._database.tables.images.insert().values(row))
        except IntegrityError:
            # The same picture came twice at once, and the other one was first.
            return False
        return True

    def find(self, image_id: str) -> ImageRecord | None:
        """What is known of an image, or None where there is none of this id."""
        sample = self._samples.by_image.get(image_id)
        if sample is not None:
            return ImageRecord(sample.image, sample.width, sample.height)
        if not IMAGE_ID.fullmatch(image_id):
            return None
        images = self._database.tables.images
        with self._database.transaction() as connection:
            row = connection.execute(images.select().where(images.c.id == image_id)).one_or_none()
        return None if row is None else ImageRecord(row.id, row.width, row.height, tuple(row.notes))

    def record(self, image_id: str) -> ImageRecord:
        """What is known of an image; raises NoSuchImage."""
        found = self.find(image_id)
        if found is None:
            raise NoSuchImage(image_id)
        return found

    def picture(self, image_id: str) -> Image.Image:
        """An image's upright RGB pixels, not to be changed; raises NoSuchImage."""
        return self._pictures.get(image_id, lambda: self._read(image_id))

    def _read(self, image_id: str) -> Image.Image:
        sample = self._samples.picture(image_id)
        if sample is not None:
            return sample
        if self.find(image_id) is None:
            raise NoSuchImage(image_id)
        try:
            data = self._blobs.get(blob_key(image_id))
        except KeyError:
            raise NoSuchImage(image_id) from None
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            return image.convert("RGB")

    def tensor(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None = None) -> Tensor:
        """The image as a network sees it, 1×C×H×W, not to be changed; raises NoSuchImage, BadFraming."""
        key = (image_id, preprocessing, framing)
        return self._tensors.get(key, lambda: tensor(self.picture(image_id), preprocessing, framing))

    def seen_png(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None = None) -> bytes:
        """The picture that a network sees, at its own pixels, as PNG; raises NoSuchImage, BadFraming."""
        return png(seen(self.picture(image_id), preprocessing, framing))

    def shown_png(self, image_id: str, size: int | None = None) -> bytes:
        """The image as PNG, its longer side at most `size` pixels; raises NoSuchImage."""
        picture = self.picture(image_id)
        if size is not None and max(picture.size) > size:
            scale = size / max(picture.size)
            smaller = tuple(max(1, round(side * scale)) for side in picture.size)
            picture = picture.resize((smaller[0], smaller[1]), Image.Resampling.LANCZOS)
        return png(picture)


def blob_key(image_id: str) -> str:
    """Where an image's pixels are kept."""
    return f"images/{image_id[:2]}/{image_id}.png"


def png(image: Image.Image) -> bytes:
    """A picture as PNG; decoded pictures carry no metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
