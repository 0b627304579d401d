// First: what it replaces must not be loaded before.
import "./noWait";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { providers } from "./providers";
import { registrationOf, type Registration } from "./registration";

/** Runs a program without an engine; returns what it asked for, under the names that it gave. */
export async function resourcesOf(program: () => void, { preview = false } = {}): Promise<Registration[]> {
  const registered = jest.spyOn(MockMonitor.prototype, "registerResource");
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await pulumi.runtime.setMocks(providers(preview), "other", "dev", preview);
    program();
    await new Promise(setImmediate);
    await pulumi.runtime.disconnect();
    const requests = registered.mock.calls.map(([request]) => request as RegisterResourceRequest);
    return requests.map((request) => registrationOf(request, "\0"));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    registered.mockRestore();
  }
}
