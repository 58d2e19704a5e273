"""The outbox: order, credit, and what is never encoded."""

import asyncio
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.outbox import AcknowledgementError, Outbox, Parcel


class Load:
    """Bytes as cargo; remembers that it was encoded, where, and sent."""

    def __init__(self, wire, data, weight=1, during=lambda: None, empty=False):
        self.wire, self.data, self.weight, self.largest = wire, data, weight, len(data)
        self.during, self.empty, self.thread, self.was_sent = during, empty, None, False

    def open(self):
        return not self.empty

    def encode(self):
        self.during()
        self.thread = threading.current_thread()
        self.wire.encoded.append(self.data)
        return self.data

    def sent(self):
        self.was_sent = True


class Wire:
    """A client at the other end: remembers what came, and acknowledges when it is told to."""

    def __init__(self, window=1000, stall=60.0, prompt=True):
        self.outbox = Outbox(self.on_stall, window, stall)
        self.prompt = prompt
        self.texts, self.blocks, self.log, self.stalls = [], [], [], 0
        self.encoded, self.gone = [], []
        self.most_unacknowledged = 0

    def on_stall(self):
        self.stalls += 1

    async def text(self, text):
        self.texts.append(json.loads(text))
        self.log.append(json.loads(text))

    async def bytes(self, data):
        self.blocks.append(data)
        self.log.append(data)
        self.most_unacknowledged = max(self.most_unacknowledged, self.outbox.unacknowledged)
        if self.prompt:
            self.outbox.acknowledge(sum(map(len, self.blocks)))

    def put(self, priority, data=b"x", owner="a", weight=1):
        self.outbox.put(Parcel(priority, owner, "name", Load(self, data, weight), lambda: self.gone.append(data)))

    async def until_quiet(self, turns=20):
        """Lets the outbox work until it only waits."""
        task = asyncio.create_task(self.outbox.run(self.text, self.bytes))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_what_waits_can_be_given_another_order_by_its_owner_alone():
    async def scene():
        wire = Wire()
        for data, owner in ((b"first", "a"), (b"second", "a"), (b"other", "b")):
            wire.put((1, 5), data, owner)
        wire.outbox.reorder("a", lambda parcel: (1, 5 - parcel.number))
        await wire.until_quiet()
        assert wire.log == [b"second", b"first", b"other"]

    asyncio.run(scene())


def test_texts_first_then_arrays_by_priority_then_in_order():
    async def scene():
        wire = Wire()
        for data, priority in ((b"map", (4, 0)), (b"strip 2", (2, 1)), (b"strip 1", (2, 0)), (b"map again", (4, 0))):
            wire.put(priority, data)
        wire.outbox.say('{"type": "accepted"}')
        await wire.until_quiet()
        assert wire.log == [{"type": "accepted"}, b"strip 1", b"strip 2", b"map", b"map again"]

    asyncio.run(scene())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 100)), max_size=20), st.integers(100, 300))
def test_no_more_than_the_window_is_ever_on_the_way_and_all_arrives(parcels, window):
    async def scene():
        wire = Wire(window, prompt=False)
        for priority, size in parcels:
            wire.put((priority,), bytes(size))
        total = sum(size for _, size in parcels)
        for _ in range(len(parcels) + 1):
            await wire.until_quiet(50)
            assert wire.outbox.unacknowledged <= window
            wire.outbox.acknowledge(sum(map(len, wire.blocks)))
        assert wire.most_unacknowledged <= window
        assert sum(map(len, wire.blocks)) == total
        assert [len(block) for block in wire.blocks] == [size for _, size in sorted(parcels, key=lambda p: p[0])]

    asyncio.run(scene())


def test_an_exhausted_window_holds_arrays_but_no_texts():
    async def scene():
        wire = Wire(window=10, prompt=False)
        wire.put((1,), bytes(8))
        wire.put((1,), bytes(7))
        wire.outbox.say('{"n": 1}')
        await wire.until_quiet()
        wire.outbox.say('{"n": 2}')
        await wire.until_quiet()
        assert wire.texts == [{"n": 1}, {"n": 2}]
        assert [len(block) for block in wire.blocks] == [8]
        assert len(wire.encoded) == 1, "what cannot be sent yet is not encoded yet"
        wire.outbox.acknowledge(8)
        await wire.until_quiet()
        assert [len(block) for block in wire.blocks] == [8, 7]

    asyncio.run(scene())


def test_what_is_discarded_is_never_encoded():
    async def scene():
        wire = Wire(window=10, prompt=False)
        wire.put((1,), bytes(10), owner="kept")
        wire.put((2,), b"stale", owner="dropped")
        wire.put((3,), b"wanted", owner="kept")
        await wire.until_quiet()
        wire.outbox.discard(lambda parcel: parcel.owner == "dropped")
        assert not wire.outbox.holds("dropped") and wire.outbox.holds("kept")
        wire.outbox.acknowledge(10)
        await wire.until_quiet()
        assert b"stale" not in wire.encoded
        assert wire.blocks[1:] == [b"wanted"]

    asyncio.run(scene())


def test_what_is_discarded_while_it_is_encoded_is_not_sent():
    async def scene():
        wire = Wire()
        load = Load(wire, b"late", during=lambda: wire.outbox.discard(lambda parcel: True))
        wire.outbox.put(Parcel((1,), "a", "name", load, lambda: wire.gone.append(b"late")))
        await wire.until_quiet()
        assert wire.encoded == [b"late"]
        assert wire.blocks == [] and wire.gone == [] and not load.was_sent and wire.outbox.sent == 0

    asyncio.run(scene())


def test_what_has_nothing_left_when_its_turn_comes_goes_without_being_encoded():
    async def scene():
        wire = Wire()
        wire.outbox.put(Parcel((1,), "a", "name", Load(wire, b"x", empty=True), lambda: wire.gone.append(b"x")))
        await wire.until_quiet()
        assert wire.encoded == [] and wire.blocks == [] and wire.gone == [b"x"]

    asyncio.run(scene())


def test_a_large_array_is_encoded_in_a_thread_and_a_small_one_is_not():
    async def scene():
        wire = Wire()
        loads = [Load(wire, b"small", weight=1 << 20), Load(wire, b"large", weight=(1 << 20) + 1)]
        done = asyncio.Event()
        for load in loads:
            wire.outbox.put(Parcel((1,), "a", "name", load, done.set if load is loads[1] else lambda: None))
        task = asyncio.create_task(wire.outbox.run(wire.text, wire.bytes))
        await asyncio.wait_for(done.wait(), 10)
        task.cancel()
        assert loads[0].thread is threading.main_thread()
        assert loads[1].thread is not threading.main_thread()
        assert all(load.was_sent for load in loads)

    asyncio.run(scene())


def test_a_client_that_acknowledges_nothing_counts_as_stalled_and_its_arrays_are_forgotten():
    async def scene():
        wire = Wire(window=10, stall=0.05, prompt=False)
        wire.put((1,), bytes(10))
        wire.put((1,), bytes(1))
        task = asyncio.create_task(wire.outbox.run(wire.text, wire.bytes))
        while not wire.stalls:
            await asyncio.sleep(0.01)
        assert not wire.outbox.holds("a")
        await asyncio.sleep(0.1)
        assert wire.stalls == 1, "an idle connection is not stalled"
        wire.outbox.acknowledge(10)
        wire.put((1,), b"again")
        await asyncio.sleep(0.01)
        assert wire.blocks[-1] == b"again"
        task.cancel()

    asyncio.run(scene())


def test_acknowledging_what_was_never_sent_is_an_error_and_an_old_total_is_none():
    async def scene():
        wire = Wire(prompt=False)
        wire.put((1,), bytes(5))
        await wire.until_quiet()
        wire.outbox.acknowledge(5)
        wire.outbox.acknowledge(3)
        assert wire.outbox.unacknowledged == 0
        with pytest.raises(AcknowledgementError, match="6 bytes were acknowledged, but only 5 were sent"):
            wire.outbox.acknowledge(6)

    asyncio.run(scene())


def test_a_backlog_leaves_no_room_until_it_is_worked_off():
    async def scene():
        wire = Wire()
        wire.put((1,), b"x", weight=1 << 29)
        room = asyncio.create_task(wire.outbox.room())
        await asyncio.sleep(0)
        assert not room.done()
        task = asyncio.create_task(wire.outbox.run(wire.text, wire.bytes))
        await asyncio.wait_for(room, 10)
        task.cancel()

    asyncio.run(scene())


def test_what_is_larger_than_the_window_is_refused():
    async def scene():
        with pytest.raises(ValueError, match="does not fit into a window of 1000"):
            Wire().put((1,), bytes(1001))

    asyncio.run(scene())
