import { keyPath } from "./errors";

/** Host keys of the stack files in examples/: nobody has their private halves. */
const EXAMPLES: ReadonlySet<string> = new Set([
  "AAAAC3NzaC1lZDI1NTE5AAAAIKIpsFfOIrmIRbAa9ivK+tSKltr62f35mY5L3z/KMB2R",
  "AAAAC3NzaC1lZDI1NTE5AAAAILhIvMYoqCE51Vc2gdEJPoe6oG6Xoy7uiLkzsV0bL3jA",
  "AAAAC3NzaC1lZDI1NTE5AAAAIDSQfqoa+uEBjt4EjdWsNnBMer+AoI3jtLxYz25V8TQJ",
  "AAAAC3NzaC1lZDI1NTE5AAAAIOmaIWi6l8wJzV7VLR4o57Utb/8q+rRMsHuNh0pKgOnv",
]);

/** Where a configuration has still the host key of the example that it was copied from, as errors name keys. */
export function exampleKeys(settings: object): string[] {
  return places(settings, []).map(keyPath);
}

function places(value: unknown, path: PropertyKey[]): PropertyKey[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    const place = [...path, Array.isArray(value) ? Number(name) : name];
    const isOne = name === "hostKey" && typeof part === "string" && EXAMPLES.has(part.split(" ")[1] ?? "");
    return isOne ? [place] : places(part, place);
  });
}
