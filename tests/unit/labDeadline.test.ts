import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { abortedAfter } from "../../lab/plugins/shared/deadline";

function collectMemory(): void {
  setFlagsFromString("--expose_gc");
  (runInNewContext("gc") as () => void)();
}

test("the time of an operation ends although memory was collected meanwhile", async () => {
  const signal = abortedAfter(0.1, new AbortController().signal);
  await sleep(10);
  collectMemory();
  await sleep(200);
  expect(signal.aborted).toBe(true);
  expect((signal.reason as Error).message).toBe("0.1 s are over");
});

test("a cancelled update ends its operations at once, those that begin afterwards too", () => {
  const update = new AbortController();
  const running = abortedAfter(60, update.signal);
  expect(running.aborted).toBe(false);
  update.abort(new Error("cancelled"));
  for (const signal of [running, abortedAfter(60, update.signal)])
    expect((signal.reason as Error).message).toBe("cancelled");
});
