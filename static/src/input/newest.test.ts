import { expect, test } from "vitest";
import { Newest } from "./newest";

test("one at a time, and of those that came meanwhile only the newest", async () => {
  const done: number[] = [];
  const ends: (() => void)[] = [];
  const newest = new Newest<number>(async (value) => {
    done.push(value);
    await new Promise<void>((resolve) => ends.push(resolve));
  });
  for (const value of [1, 2, 3]) newest.offer(value);
  expect(done).toEqual([1]);
  ends.shift()?.();
  await new Promise((resolve) => setTimeout(resolve));
  expect(done).toEqual([1, 3]);
  newest.offer(4);
  newest.drop();
  ends.shift()?.();
  await new Promise((resolve) => setTimeout(resolve));
  expect(done).toEqual([1, 3]);
  expect(newest.busy).toBe(false);
  newest.offer(5);
  expect(done).toEqual([1, 3, 5]);
});
