import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A resource as `pulumi stack export --show-secrets` has it. */
export interface Stored {
  type: string;
  urn: string;
  custom: boolean;
  inputs?: Record<string, unknown>;
}

/** Keys of a secret in an exported state. Source: pulumi, sdk/go/common/resource/sig. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** What is in a secret of an exported state; anything else is as it is. */
function opened(value: unknown): { value: unknown; secret: boolean } {
  if (typeof value !== "object" || value === null || !(SIGNATURE in value)) return { value, secret: false };
  const { plaintext } = value as { plaintext?: string };
  return { value: JSON.parse(plaintext ?? "null"), secret: true };
}

const PROGRAM = `import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { join } from "node:path";

for (const { name, secrets, inputs } of JSON.parse(readFileSync(join(__dirname, "commands.json"), "utf8"))) {
  for (const key of secrets) inputs[key] = pulumi.secret(inputs[key]);
  new command.remote.Command(name, inputs);
}
`;

/**
 * Writes the program that anybody would have to better: as many resources as there are in a state, all of them Commands written down
 * one after the other, with the same data, and nothing that decides or renders. What is no Command there is one with what it was given.
 */
export function writeBareProgram(folder: string, project: string, resources: Stored[]): void {
  const connection = { host: "203.0.113.1", user: "ubuntu", dialErrorLimit: 0, perDialTimeout: 4 };
  const commands = resources
    .filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"))
    .map(({ type, urn, inputs = {} }) => {
      const name = `${type.split(/[:/]/).at(-1) ?? ""} ${urn.split("::").at(-1) ?? ""}`;
      const entries = Object.entries(inputs).map(([key, value]) => [key, opened(value)] as const);
      const given = Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
      if (type !== "command:remote:Command")
        return { name, secrets: [], inputs: { connection, stdin: JSON.stringify(given) } };
      const secrets = entries
        .filter(([key, { secret }]) => secret && key !== "connection")
        .map(([key]) => key);
      return { name, secrets, inputs: given };
    });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "commands.json"), JSON.stringify(commands));
  writeFileSync(join(folder, "index.ts"), PROGRAM);
  const compilerOptions = {
    target: "ES2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    noCheck: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const runtime = { name: "nodejs", options: { typescript: true } };
  writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify({ name: project, main: "index.ts", runtime }));
}
