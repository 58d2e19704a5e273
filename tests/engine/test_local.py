"""Answers are right, shared and kept, and clients take turns."""

import asyncio
import threading

import pytest
import torch
from torch import Tensor

from app.engine.ask import Answer, Ask
from app.engine.errors import UnknownAnswer
from app.engine.local import LocalEngine
from tests.engine.asking import assert_right, rest, steps, sums, until_logged
from tests.engine.toys import Gate, Images, Models, finish, picture


def test_an_answer_is_what_the_method_says(engine: LocalEngine, gate: Gate, models: Models) -> None:
    gate.open()
    seen: list[str] = []
    answer = finish(engine.answer(sums(1), client="a", progress=lambda frame: seen.append(frame.name)))
    assert_right(answer, models, 1)
    assert seen == list(models.networks["toy"].nodes)
    assert answer.ask.params == {"nodes": None, "node": None, "units": None}


def test_frames_carry_all_values_said_under_their_name_and_the_last_one_stays(engine: LocalEngine, gate: Gate) -> None:
    gate.open()
    answer = finish(engine.answer(steps(), client="a"))
    (frame,) = answer.frames
    assert frame.step == 3
    assert frame.values == answer.values == {"last": 3, "step 1": True, "step 2": True, "step 3": True}


def test_frames_arrive_while_the_method_runs(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> None:
        async with await engine.ask(steps(), client="a") as listener:
            for step in (1, 2, 3):
                gate.let()
                assert (await anext(listener)).step == step
            with pytest.raises(StopAsyncIteration):
                await anext(listener)
            assert listener.answer.values["last"] == 3

    finish(main())


def test_identical_asks_are_one_job_and_late_ones_get_what_there_is(engine: LocalEngine, gate: Gate) -> None:
    async def main() -> None:
        first = await engine.ask(steps(), client="a")
        gate.let(2)
        await until_logged(gate, "a2")
        late = await engine.ask(Ask(method="steps", model="toy", params={"label": "a"}), client="b")
        assert (await anext(late)).values == {"last": 2, "step 1": True, "step 2": True}
        first.close()
        gate.let()
        assert (await anext(late)).step == 3
        await rest(late)
        assert late.answer.values["last"] == 3

    finish(main())
    assert gate.log == ["a1", "a2", "a3", "a closed"]
    assert engine.metrics().joined == 1


def test_an_answer_is_kept(engine: LocalEngine, gate: Gate) -> None:
    gate.open()
    first = finish(engine.answer(steps(), client="a"))
    assert finish(engine.answer(steps(), client="b")) is first
    assert finish(engine.recall(first.id, client="c")) is first
    assert gate.log.count("a1") == 1
    assert engine.metrics().cached_bytes == first.size


def test_a_dropped_answer_is_computed_again_by_its_id(gate: Gate, models: Models) -> None:
    gate.open()
    with LocalEngine(models, Images(), cache_bytes=0) as engine:
        first = finish(engine.answer(sums(1), client="a"))
        assert engine.metrics().cached == 0
        again = finish(engine.recall(first.id, client="a"))
        assert again.id == first.id
        assert again is not first
        models.weights = "trained further"
        with pytest.raises(UnknownAnswer, match="There is no answer"):
            finish(engine.recall(first.id, client="a"))
        with pytest.raises(UnknownAnswer, match="There is no answer “0123”"):
            finish(engine.recall("0123", client="a"))


def test_clients_take_turns_between_the_steps_of_a_long_ask(
    engine: LocalEngine, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.scheduler.TURN", 0.0)

    async def main() -> None:
        long = await engine.ask(steps("long ", 50), client="a")
        gate.let()
        await until_logged(gate, "long 1")
        short = await engine.ask(steps("short ", 2), client="b")
        gate.open()
        await rest(short)
        await rest(long)

    finish(main())
    first = gate.log.index("short 1")
    assert gate.log[first + 1].startswith("long ")
    assert gate.log[first + 2] == "short 2"


def test_waiting_asks_that_differ_in_the_image_share_a_pass(engine: LocalEngine, gate: Gate, models: Models) -> None:
    async def main() -> list[Answer]:
        blocker = await engine.ask(steps(), client="z")
        asks = [asyncio.create_task(engine.answer(sums(image), client=str(image))) for image in range(20)]
        other = asyncio.create_task(engine.answer(sums(3, nodes=["2"]), client="other"))
        while engine.metrics().queued < 21:
            await asyncio.sleep(0.001)
        gate.open()
        await rest(blocker)
        await other
        return [await ask for ask in asks]

    answers = finish(main())
    assert sorted(models.networks["toy"].passes) == [1, 20]
    assert engine.metrics().batched == 20
    for image, answer in enumerate(answers):
        assert_right(answer, models, image)
        for frame in answer.arrays.values():
            assert frame.array is not None
            assert frame.array.untyped_storage().nbytes() == frame.array.nbytes, "one answer keeps no other's values"


def test_a_pass_that_others_may_share_waits_for_asks_that_are_being_checked(
    engine: LocalEngine, gate: Gate, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.scheduler.GATHER", 30)
    first_taken = threading.Event()

    def slowly(self: Images, image_id: str, *preparation: object) -> Tensor:
        if image_id == "2":
            assert first_taken.wait(timeout=30)
        return picture(int(image_id))

    monkeypatch.setattr(Images, "tensor", slowly)

    async def main() -> list[Answer]:
        gate.open()
        second = asyncio.create_task(engine.answer(sums(2), client="b"))
        await asyncio.sleep(0)
        first = asyncio.create_task(engine.answer(sums(1), client="a"))
        while engine.metrics().asked < 1 or engine.metrics().queued:
            await asyncio.sleep(0.001)
        first_taken.set()
        return [await first, await second]

    answers = finish(main())
    assert models.networks["toy"].passes == [2]
    for image, answer in enumerate(answers, start=1):
        assert_right(answer, models, image)


def test_gradient_modes_stay_with_their_ask(
    engine: LocalEngine, gate: Gate, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.scheduler.TURN", 0.0)
    gate.open()

    async def main() -> list[Answer]:
        return await asyncio.gather(
            *(
                engine.answer(
                    Ask(method="graded", model="toy", image=str(image), params={"steps": 20}), client=str(image)
                )
                for image in range(4)
            )
        )

    for image, answer in enumerate(finish(main())):
        assert answer.values == {**{f"off {step}": True for step in range(20)}, "on": True}
        x = picture(image).requires_grad_()
        (expected,) = torch.autograd.grad(models.networks["toy"].logits(x).sum(), x)
        torch.testing.assert_close(answer.arrays["gradient"].array, expected[0])


def test_several_workers_answer_right(gate: Gate, models: Models) -> None:
    gate.open()

    async def main(engine: LocalEngine) -> list[Answer]:
        return await asyncio.gather(*(engine.answer(sums(image), client=str(image % 7)) for image in range(60)))

    with LocalEngine(models, Images(), workers=3) as engine:
        for image, answer in enumerate(finish(main(engine))):
            assert_right(answer, models, image)
