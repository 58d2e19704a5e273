"""Passing pictures: held while there is room, bounded for each client and for all, and told when they are gone."""

import pytest
from PIL import Image

from app.store.decode import Picture
from app.store.errors import TooManyPixels
from app.store.images import ImageStore, NoSuchImage
from app.store.passing import OVERHEAD, PassedBy, Passing
from models import declaration
from tests.store.conftest import StoreMaker
from tests.store.pictures import encoded, noise

TINY_VGG = declaration("tiny_vgg")[0].preprocessing


def picture(number: int, side: int = 10) -> Picture:
    return Picture(Image.new("RGB", (side, side), (number % 256, number // 256, 0)))


def held(passing: Passing, ids: list[str]) -> list[bool]:
    return [passing.get(image_id) is not None for image_id in ids]


def test_each_client_has_its_newest() -> None:
    passing = Passing(1 << 20, per_client=3)
    mine = [passing.add(picture(number), "me") for number in range(5)]
    theirs = passing.add(picture(99), "them")
    assert held(passing, [*mine, theirs]) == [False, False, True, True, True, True]
    assert [passing.dropped(image_id) for image_id in mine] == [True, True, False, False, False]


def test_what_is_sent_again_is_new_again() -> None:
    passing = Passing(1 << 20, per_client=2)
    first, second = (passing.add(picture(number), "me") for number in (1, 2))
    assert passing.add(picture(1), "me") == first
    third = passing.add(picture(3), "me")
    assert held(passing, [first, second, third]) == [True, False, True]
    passing.add(picture(2), "me")
    assert held(passing, [second]) == [True]
    assert not passing.dropped(second)


def test_a_picture_of_two_clients_stays_for_the_other() -> None:
    passing = Passing(1 << 20, per_client=1)
    shared = passing.add(picture(1), "me")
    passing.add(picture(1), "them")
    passing.add(picture(2), "me")
    assert held(passing, [shared]) == [True]
    passing.add(picture(3), "them")
    assert held(passing, [shared]) == [False]


def test_all_together_stay_within_the_memory() -> None:
    one = OVERHEAD + 3 * 100
    passing = Passing(8 * one, per_client=100)
    ids = [passing.add(picture(number), f"client {number}") for number in range(50)]
    assert held(passing, ids) == [False] * 42 + [True] * 8
    assert passing._bytes == 8 * one
    assert len(passing._clients) == 8


def test_a_picture_that_takes_too_much_is_refused() -> None:
    passing = Passing(100_000, per_client=4)
    with pytest.raises(TooManyPixels, match="200 × 200"):
        passing.add(picture(1, 200), "me")


def test_a_passing_picture_is_like_any_other_until_it_is_dropped(make_store: StoreMaker) -> None:
    store = make_store()
    store.passing = Passing(1 << 20, per_client=1)
    record = store.add_passing(encoded(noise(20, 10), "BMP"), "me")
    assert (record.width, record.height, record.kept) == (20, 10, False)
    assert store.record(record.id) == record
    assert store.picture(record.id).size == (20, 10)
    assert store.tensor(record.id, TINY_VGG).shape == (1, 3, 64, 64)
    store.add_passing(encoded(noise(20, 10, seed=5), "BMP"), "me")
    for get in (store.record, store.picture, store.shown_png, lambda one: store.tensor(one, TINY_VGG)):
        with pytest.raises(PassedBy, match="keep=false and has been dropped"):
            get(record.id)
    with pytest.raises(NoSuchImage):
        store.record("0" * 64)


def test_a_passing_picture_can_be_kept(make_store: StoreMaker) -> None:
    store: ImageStore = make_store()
    store.passing = Passing(1 << 20, per_client=1)
    record = store.add_passing(encoded(noise(20, 10), "BMP"), "me")
    kept, new = store.add(encoded(noise(20, 10)))
    assert (kept.id, kept.kept, new) == (record.id, True, True)
    assert store.record(record.id).kept
    # Passing by once more, and being dropped, takes nothing away.
    store.add_passing(encoded(noise(20, 10), "BMP"), "me")
    store.add_passing(encoded(noise(20, 10, seed=5), "BMP"), "me")
    assert make_store().record(record.id).kept
    assert store.tensor(record.id, TINY_VGG).shape == (1, 3, 64, 64)


def test_what_passes_leaves_nothing_behind(make_store: StoreMaker) -> None:
    record = make_store().add_passing(encoded(noise(), "BMP"), "me")
    with pytest.raises(NoSuchImage):
        make_store().record(record.id)
