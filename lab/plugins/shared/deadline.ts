import { setMaxListeners } from "node:events";

/**
 * A signal that aborts with `signal`, or after so many seconds. Node 20 forgets an `AbortSignal.timeout` within `AbortSignal.any` as soon
 * as memory is collected (nodejs/node, lib/internal/abort_controller.js): nobody holds it.
 */
export function abortedAfter(seconds: number, signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (reason: unknown) => {
    controller.abort(reason);
  };
  const timer = setTimeout(abort, seconds * 1000, new DOMException(`${seconds} s are over`, "TimeoutError"));
  timer.unref();
  // One for each operation of an update.
  setMaxListeners(0, signal);
  if (signal.aborted) abort(signal.reason);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    abort(signal.reason);
  });
  return controller.signal;
}
