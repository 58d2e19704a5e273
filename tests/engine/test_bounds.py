"""Memory, queue, faults and the engine's own end: each ask is told what happened, and the next one works."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from app.engine.ask import Ask
from app.engine.errors import Busy, EngineClosed, MethodFailed, OutOfMemory, UnknownImage
from app.engine.local import LocalEngine
from tests.engine.asking import rest, steps, sums, until_idle
from tests.engine.toys import Gate, Images, Models, finish


def test_work_waits_until_its_memory_is_free(gate: Gate, models: Models) -> None:
    one = 4 * sum(node.size for node in models.networks["toy"].nodes.values())

    async def main(engine: LocalEngine) -> int:
        most = 0
        listeners = [await engine.ask(steps(label, 5), client=label) for label in "abcd"]

        async def watch() -> None:
            nonlocal most
            while engine.metrics().running or engine.metrics().queued:
                most = max(most, engine.metrics().running_bytes)
                gate.let()
                await asyncio.sleep(0.001)

        await asyncio.gather(watch(), *(rest(listener) for listener in listeners))
        return most

    with LocalEngine(models, Images(), workers=4, running_bytes=2 * one) as engine:
        assert finish(main(engine)) == 2 * one


def test_a_full_queue_says_so(gate: Gate, models: Models) -> None:
    async def main(engine: LocalEngine) -> None:
        await engine.ask(steps("running"), client="a")
        while engine.metrics().queued:
            await asyncio.sleep(0.001)
        listeners = [await engine.ask(steps(label), client="a") for label in "bc"]
        with pytest.raises(Busy, match="You already have 2 asks waiting") as caught:
            await engine.ask(steps("d"), client="a")
        assert caught.value.position == 3
        gate.open()
        for listener in listeners:
            await rest(listener)
        await engine.answer(steps("d"), client="a")

    with LocalEngine(models, Images(), waiting_per_client=2) as engine:
        finish(main(engine))


def test_out_of_memory_drops_what_is_kept_and_the_next_ask_works(engine: LocalEngine, gate: Gate) -> None:
    gate.open()
    finish(engine.answer(steps(), client="a"))
    assert engine.metrics().cached == 1
    with pytest.raises(OutOfMemory, match="The memory ran out in Hungry on toy"):
        finish(engine.answer(Ask(method="hungry", model="toy"), client="a"))
    assert engine.metrics().cached == 0
    assert finish(engine.answer(steps("next"), client="a")).values["last"] == 3


def test_a_fault_in_a_method_ends_that_ask_alone(engine: LocalEngine, gate: Gate) -> None:
    gate.open()
    with pytest.raises(MethodFailed, match=r"Broken on toy failed: division by zero \(ZeroDivisionError\)") as caught:
        finish(engine.answer(Ask(method="broken", model="toy"), client="a"))
    assert caught.value.code == "internal"
    assert finish(engine.answer(steps(), client="a")).values["last"] == 3


def test_an_improper_frame_ends_that_ask_alone(engine: LocalEngine, gate: Gate) -> None:
    gate.open()
    with pytest.raises(MethodFailed, match="Improper on toy failed"):
        finish(engine.answer(Ask(method="improper", model="toy"), client="a"))
    assert finish(engine.answer(steps(), client="a")).values["last"] == 3
    finish(until_idle(engine))


def test_an_unknown_image_is_told(engine: LocalEngine) -> None:
    with pytest.raises(UnknownImage, match="There is no image “zebra”"):
        finish(engine.answer(Ask(method="sums", model="toy", image="zebra"), client="a"))
    assert engine.metrics().queued == 0


def test_closing_the_engine_ends_every_ask(gate: Gate, models: Models) -> None:
    engine = LocalEngine(models, Images())
    with pytest.raises(EngineClosed):
        finish(engine.answer(steps(), client="a"))
    engine.start()

    async def main() -> None:
        running = await engine.ask(steps("a"), client="a")
        waiting = await engine.ask(steps("b"), client="b")
        closing = asyncio.create_task(asyncio.to_thread(engine.close))
        for listener in (running, waiting):
            with pytest.raises(EngineClosed, match="The engine is not running"):
                await anext(listener)
        gate.open()
        await closing
        with pytest.raises(EngineClosed):
            await engine.answer(steps(), client="a")

    finish(main())
    assert "b1" not in gate.log
    engine.close()


def test_fifty_engines_leave_nothing_behind(gate: Gate, models: Models) -> None:
    gate.open()

    def open_files() -> int:
        descriptors = Path("/proc/self/fd")
        return len(os.listdir(descriptors)) if descriptors.exists() else 0

    def cycle() -> None:
        with LocalEngine(models, Images()) as engine:
            finish(engine.answer(sums(1), client="a"))

    cycle()
    threads, files = threading.active_count(), open_files()
    for _ in range(50):
        cycle()
    assert threading.active_count() <= threads + 2
    assert open_files() <= files + 2
