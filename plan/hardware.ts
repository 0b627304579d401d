import type { HostPlan } from "./types";

/**
 * What cores and memory of a host follow from, as one word: another one is another machine under what runs on it, which has to
 * be measured, fitted and verified again. Undefined where the config says nothing about it.
 */
export function hardwareOf({ machine, size }: Pick<HostPlan, "machine" | "size">): string | undefined {
  switch (machine.provider) {
    case "aws":
      return machine.instanceType;
    case "lab":
      return machine.memoryMegabytes === undefined ? undefined : `${machine.memoryMegabytes}MB`;
    case "existing":
      return size && `${size.cores}x${size.memoryMegabytes}MB`;
  }
}
