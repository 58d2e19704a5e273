"""Work ends as soon as nobody wants it any more, and nobody else notices."""

import asyncio
import threading
from typing import Any

import pytest

from app.engine.ask import Ask
from app.engine.errors import Superseded
from app.engine.listener import LocalListener
from app.engine.local import LocalEngine
from app.explain.errors import AskError
from app.explain.network import Network
from tests.engine.asking import assert_right, rest, steps, sums, until_idle, until_logged
from tests.engine.toys import Gate, Models, finish


def test_the_last_listener_to_leave_stops_the_work_within_a_node(
    engine: LocalEngine, gate: Gate, models: Models
) -> None:
    async def main() -> None:
        ask = Ask(method="watched", model="toy", image="1")
        first, second = [await engine.ask(ask, client=client) for client in "ab"]
        gate.let(2)
        await until_logged(gate, "0")
        first.close()
        first.close()
        assert engine.metrics().running == 1
        second.close()
        gate.let(100)
        await until_idle(engine)
        with pytest.raises(StopAsyncIteration):
            await anext(second)

    finish(main())
    computed = models.networks["toy"].computed
    assert computed in (["input", "0", "1"], ["input", "0", "1", "2"])
    assert engine.metrics().cancelled == 1


def test_closing_while_waiting_for_a_turn_never_starts_the_work(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> None:
        running = await engine.ask(steps("a"), client="a")
        waiting = await engine.ask(steps("b"), client="b")
        waiting.close()
        gate.open()
        await rest(running)

    finish(main())
    assert "b1" not in gate.log


def test_a_generator_is_closed_where_it_stands(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> None:
        listener = await engine.ask(steps("a", 1000), client="a")
        gate.let(2)
        await until_logged(gate, "a2")
        listener.close()
        gate.let()
        await until_logged(gate, "a closed")

    finish(main())
    # It may have come to its third gate before it was closed, or not.
    assert gate.log in (["a1", "a2", "a3", "a closed"], ["a1", "a2", "a closed"])


def test_a_newer_ask_takes_the_slot(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> None:
        older = await engine.ask(steps("old", 1000), client="a", slot="hover")
        elsewhere = await engine.ask(steps("other"), client="a", slot="pinned")
        somebody = await engine.ask(steps("theirs"), client="b", slot="hover")
        newer = await engine.ask(steps("new"), client="a", slot="hover")
        with pytest.raises(Superseded):
            await anext(older)
        gate.open()
        for listener in (elsewhere, somebody, newer):
            await rest(listener)
            assert listener.answer.values["last"] == 3

    finish(main())


def test_only_the_newest_of_many_hovers_is_answered(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> list[Any]:
        asks = [engine.ask(steps(f"hover {index} ", 1), client="a", slot="hover") for index in range(30)]
        return await asyncio.gather(*asks, return_exceptions=True)

    async def last(listener: LocalListener) -> None:
        gate.open()
        await rest(listener)

    async def whole() -> list[Any]:
        listeners = await main()
        await last(listeners[-1])
        return listeners

    *older, newest = finish(whole())
    assert newest.answer.values["last"] == 1
    assert all(isinstance(item, Superseded) or item.superseded for item in older)
    assert len([entry for entry in gate.log if entry.endswith(" 1")]) <= 2, "the newest, and one that had begun"


def test_the_same_ask_in_the_same_slot_goes_on(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> None:
        await engine.ask(steps(), client="a", slot="hover")
        gate.let()
        await until_logged(gate, "a1")
        again = await engine.ask(steps(), client="a", slot="hover")
        gate.open()
        await rest(again)

    finish(main())
    # It may have come to its third gate before it was closed, or not.
    assert gate.log in (["a1", "a2", "a3", "a closed"], ["a1", "a2", "a closed"])


def test_a_bad_ask_in_a_slot_ends_the_older_one_too(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> None:
        older = await engine.ask(steps(), client="a", slot="hover")
        with pytest.raises(AskError, match=r"params\.steps is 0"):
            await engine.ask(steps(count=0), client="a", slot="hover")
        with pytest.raises(Superseded):
            await anext(older)

    finish(main())


def test_leaving_a_shared_pass_leaves_the_others_right(engine: LocalEngine, gate: Gate, models: Models) -> None:
    async def main() -> list[LocalListener]:
        blocker = await engine.ask(steps(), client="z")
        listeners = [await engine.ask(sums(image), client=str(image)) for image in range(6)]
        gate.let(5)
        await until_logged(gate, "sums")
        for listener in listeners[::2]:
            listener.close()
        gate.open()
        await rest(blocker)
        for listener in listeners[1::2]:
            await rest(listener)
        return listeners

    listeners = finish(main())
    for image in (1, 3, 5):
        assert_right(listeners[image].answer, models, image)


def test_giving_up_while_the_ask_is_checked_never_starts_the_work(
    engine: LocalEngine, gate: Gate, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    checking, go_on = threading.Event(), threading.Event()

    def slow(model_id: str) -> Network:
        checking.set()
        assert go_on.wait(10)
        return Models.network(models, model_id)

    monkeypatch.setattr(models, "network", slow)

    async def main() -> None:
        asked = asyncio.create_task(engine.ask(steps("a"), client="a"))
        while not checking.is_set():
            await asyncio.sleep(0.001)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        go_on.set()
        # The one after it in the same worker: whatever came before it would have run by then.
        gate.open()
        await engine.answer(steps("b"), client="a")

    finish(main())
    assert "a1" not in gate.log and "b1" in gate.log
    assert engine.metrics().asked == 1
