"""Whatever clients ask, cancel and replace, every ask that goes on is answered right and the engine ends up idle."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.ask import Ask
from app.engine.errors import Superseded
from app.engine.listener import LocalListener
from app.engine.local import LocalEngine
from tests.engine.asking import assert_right, until_idle
from tests.engine.toys import Gate, Images, Models, finish


@dataclass(frozen=True)
class Step:
    """One thing that happens: an ask, a cancellation, a few frames read, or a moment for the worker."""

    what: str
    client: str
    image: int
    slot: str | None
    method: str


STEPS = st.builds(
    Step,
    st.sampled_from(["ask", "ask", "ask", "cancel", "read", "wait"]),
    st.sampled_from("abc"),
    st.integers(0, 3),
    st.sampled_from([None, "hover", "pinned"]),
    st.sampled_from(["sums", "steps"]),
)


def ask_of(step: Step) -> Ask:
    if step.method == "sums":
        return Ask(method="sums", model="toy", image=str(step.image))
    return Ask(method="steps", model="toy", params={"label": str(step.image), "steps": 4})


class Session:
    """The asks of one example, with what is expected of each."""

    def __init__(self, engine: LocalEngine, models: Models) -> None:
        self.engine = engine
        self.models = models
        self.asked: list[tuple[Step, LocalListener]] = []
        self.cancelled: set[LocalListener] = set()
        self.superseded: set[LocalListener] = set()

    async def do(self, step: Step) -> None:
        if step.what == "ask":
            await self.ask(step)
        elif step.what == "wait":
            await asyncio.sleep(0.001 * step.image)
        elif self.asked:
            _, listener = self.asked[step.image % len(self.asked)]
            if step.what == "cancel":
                self.cancelled.add(listener)
                listener.close()
            else:
                await self.read(listener)

    async def ask(self, step: Step) -> None:
        listener = await self.engine.ask(ask_of(step), client=step.client, slot=step.slot)
        self.superseded |= {
            older
            for other, older in self.asked
            if step.slot is not None and (other.client, other.slot) == (step.client, step.slot)
        }
        self.asked.append((step, listener))

    async def read(self, listener: LocalListener) -> None:
        try:
            await anext(listener)
        except StopAsyncIteration:
            # Read to its end, or cancelled: either way it has left its slot.
            self.cancelled.add(listener)
        except Superseded:
            assert listener in self.superseded

    async def finish(self) -> None:
        for step, listener in self.asked:
            if listener in self.cancelled | self.superseded:
                continue
            async for _ in listener:
                pass
            if step.method == "sums":
                assert_right(listener.answer, self.models, step.image)
            else:
                assert listener.answer.values["last"] == 4
        await until_idle(self.engine)
        now = self.engine.metrics()
        assert (now.queued, now.running, now.running_bytes, now.failed) == (0, 0, 0, 0)


@pytest.mark.parametrize("workers", [1, 3])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=25))
def test_any_interleaving_leaves_the_engine_idle_and_every_answer_right(
    gate: Gate, models: Models, workers: int, steps: list[Step]
) -> None:
    gate.open()

    async def main(engine: LocalEngine) -> None:
        session = Session(engine, models)
        for step in steps:
            await session.do(step)
        await session.finish()

    # A cache that holds a few answers, so that some are computed again.
    with LocalEngine(models, Images(), workers=workers, cache_bytes=20_000) as engine:
        finish(main(engine))
