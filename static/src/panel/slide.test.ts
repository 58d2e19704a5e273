import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Slide } from "./slide.svelte";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.stubGlobal("requestAnimationFrame", (draw: (now: number) => void) =>
    setTimeout(() => draw(performance.now()), 10),
  );
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function slide(): Slide {
  const made = new Slide();
  made.begin([3, 4], 9);
  return made;
}

it("goes over all windows and ends with the last", () => {
  const going = slide();
  going.play();
  vi.advanceTimersByTime(1100);
  expect(going.index).toBe(4);
  expect(going.at).toEqual([1, 0]);
  going.speed = "faster";
  vi.advanceTimersByTime(1000);
  expect([going.index, going.ended, going.playing]).toEqual([11, true, false]);
  going.play();
  expect(going.index).toBe(0);
});

it("stops where a hand takes it", () => {
  const going = slide();
  going.play();
  going.take([2, 1]);
  expect([going.playing, going.at]).toEqual([false, [2, 1]]);
  vi.advanceTimersByTime(1000);
  expect(going.index).toBe(9);
  going.step();
  going.step(-1);
  going.step(-1);
  expect(going.at).toEqual([2, 0]);
});

it("adds product by product, then goes on to the next window", () => {
  const going = slide();
  going.speed = "products";
  going.take([0, 0]);
  expect(going.summed).toBe(0);
  for (let product = 0; product < 9; product += 1) going.step();
  expect([going.index, going.summed]).toEqual([0, 9]);
  going.step();
  expect([going.index, going.summed]).toEqual([1, 0]);
});

it("begins anew with another map", () => {
  const going = slide();
  going.play();
  going.begin([2, 2], 1);
  expect([going.playing, going.index, going.size]).toEqual([false, 0, 4]);
});
