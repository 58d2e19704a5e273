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
from app.store.decode import Picture, decode
from app.store.memory import Memory
from app.store.passing import PassedBy, Passing
from app.store.samples import Samples
from models.card import Preprocessing

IMAGE_ID = re.compile(r"[0-9a-f]{64}")

TENSOR_BYTES = 64 << 20
PICTURE_BYTES = 64 << 20
PASSING_BYTES = 64 << 20
PASSING_PER_CLIENT = 64

WEBP_QUALITY = 80


class NoSuchImage(LookupError):
    """There is no image of this id."""


@dataclass(frozen=True)
class ImageRecord:
    """What is known of an image; `kept` is whether it outlives the memory."""

    id: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    kept: bool = True


class ImageStore:
    """Where images are kept and come from; an ImageSource for the engine. For many threads."""

    def __init__(
        self, database: Database, blobs: Blobs, samples: Samples, max_pixels: int, passing: Passing | None = None
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._samples = samples
        self._max_pixels = max_pixels
        self.passing = passing or Passing(PASSING_BYTES, PASSING_PER_CLIENT)
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
        known = self._kept(image_id)
        if known is not None:
            return known, False
        record = ImageRecord(image_id, picture.image.width, picture.image.height, picture.notes)
        self._blobs.put(blob_key(image_id), png(picture.image))
        self._pictures.get(image_id, lambda: picture.image)
        new = self._insert(record)
        self.passing.forget(image_id)
        return record, new

    def add_passing(self, data: bytes, client: str) -> ImageRecord:
        """Decodes a picture and holds it in memory only, until newer ones need its room.

        Raises:
            NotAnImage, UnsupportedImage, TruncatedImage, TooManyPixels: it cannot be decoded, or is too large for that.
        """
        picture = decode(data, self._max_pixels)
        image_id = self.passing.add(picture, client)
        return passing_record(image_id, picture)

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
        passing = self.passing.get(image_id)
        return self._kept(image_id) if passing is None else passing_record(image_id, passing)

    def _kept(self, image_id: str) -> ImageRecord | None:
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
        """What is known of an image; raises NoSuchImage, PassedBy."""
        found = self.find(image_id)
        if found is None:
            raise self._missing(image_id)
        return found

    def _missing(self, image_id: str) -> Exception:
        return PassedBy(image_id) if self.passing.dropped(image_id) else NoSuchImage(image_id)

    def picture(self, image_id: str) -> Image.Image:
        """An image's upright RGB pixels, not to be changed; raises NoSuchImage, PassedBy."""
        passing = self.passing.get(image_id)
        if passing is not None:
            return passing.image
        return self._pictures.get(image_id, lambda: self._read(image_id))

    def _read(self, image_id: str) -> Image.Image:
        sample = self._samples.picture(image_id)
        if sample is not None:
            return sample
        if self._kept(image_id) is None:
            raise self._missing(image_id)
        try:
            data = self._blobs.get(blob_key(image_id))
        except KeyError:
            raise NoSuchImage(image_id) from None
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            return image.convert("RGB")

    def tensor(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None = None) -> Tensor:
        """The image as a network sees it, 1×C×H×W, not to be changed; raises NoSuchImage, PassedBy, BadFraming."""
        if self.passing.dropped(image_id):
            self.record(image_id)
        key = (image_id, preprocessing, framing)
        return self._tensors.get(key, lambda: tensor(self.picture(image_id), preprocessing, framing))

    def seen_png(self, image_id: str, preprocessing: Preprocessing, framing: Framing | None = None) -> bytes:
        """The picture that a network sees, at its own pixels, as PNG; raises NoSuchImage, BadFraming."""
        return png(seen(self.picture(image_id), preprocessing, framing))

    def shown_png(self, image_id: str, size: int | None = None) -> bytes:
        """The image as PNG, its longer side at most `size` pixels; raises NoSuchImage."""
        return png(self._smaller(image_id, size))

    def shown_webp(self, image_id: str, size: int) -> bytes:
        """The image as a WebP a fraction as large, near enough for a look; raises NoSuchImage."""
        buffer = io.BytesIO()
        self._smaller(image_id, size).save(buffer, "WEBP", quality=WEBP_QUALITY, method=4)
        return buffer.getvalue()

    def _smaller(self, image_id: str, size: int | None) -> Image.Image:
        picture = self.picture(image_id)
        if size is not None and max(picture.size) > size:
            scale = size / max(picture.size)
            smaller = tuple(max(1, round(side * scale)) for side in picture.size)
            picture = picture.resize((smaller[0], smaller[1]), Image.Resampling.LANCZOS)
        return picture


def passing_record(image_id: str, picture: Picture) -> ImageRecord:
    """What is known of an image that is not kept."""
    return ImageRecord(image_id, picture.image.width, picture.image.height, picture.notes, kept=False)


def blob_key(image_id: str) -> str:
    """Where an image's pixels are kept."""
    return f"images/{image_id[:2]}/{image_id}.png"


def png(image: Image.Image) -> bytes:
    """A picture as PNG; decoded pictures carry no metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
