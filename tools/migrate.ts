/**
 * Writes the stack file of an older deployment: `npm run --silent migrate -- inventory.yml --out Pulumi.prod.yaml`.
 * It reads the Ansible inventory of the predecessor, the .env of docker-jitsi-meet, or a folder /etc that Jitsi's handbook filled.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { formatErrors } from "../config/errors";
import { fromDocker } from "./migrate/docker";
import { fromHandbook } from "./migrate/handbook";
import { readInventory } from "./migrate/inventory";
import { trustedHostKey } from "./migrate/knownHosts";
import { type Migration, MigrationError, stackFileText } from "./migrate/migration";
import { fromPredecessor } from "./migrate/predecessor";
import { forStackOf } from "./mistakes";
import { counted, finish, type Outcome } from "./outcome";
import { loadStackFile } from "./stackFile";

const USAGE =
  "usage: npm run --silent migrate -- inventory.yml|.env|/etc --out Pulumi.STACK.yaml [--known-hosts FILE]";

interface Wanted {
  source: string;
  out: string;
  knownHosts: string;
}

function wantedOf(args: string[]): Wanted | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { out: { type: "string" }, "known-hosts": { type: "string" } },
    });
    const [source, ...more] = positionals;
    if (source === undefined || values.out === undefined || more.length > 0) return undefined;
    const knownHosts = values["known-hosts"] ?? join(homedir(), ".ssh", "known_hosts");
    return { source, out: values.out, knownHosts };
  } catch {
    return undefined;
  }
}

function migrationOf({ source, knownHosts }: Wanted): Migration {
  const file = basename(source);
  const hostKeys = (address: string, port: number) => trustedHostKey(address, port, knownHosts);
  if (!existsSync(source)) throw new MigrationError(`${source} does not exist`);
  if (statSync(source).isDirectory()) return fromHandbook(source);
  const text = readFileSync(source, "utf8");
  if (/(^|\.)env$|^\.env/.test(file)) return fromDocker(text);
  return fromPredecessor(readInventory(text, file), hostKeys);
}

/** Writes the stack file, and says what changed, what was refused, which secrets are to be set, and what is still missing. */
export function migrate(args: string[]): Outcome {
  const wanted = wantedOf(args);
  if (wanted === undefined) return { code: 2, stdout: [], stderr: [USAGE] };
  const { source, out } = wanted;
  if (existsSync(out))
    return {
      code: 1,
      stdout: [],
      stderr: [`${out} exists, and stays as it is; name another file with --out`],
    };
  try {
    const migration = migrationOf(wanted);
    writeFileSync(out, stackFileText(migration, basename(source)), { flag: "wx" });
    return { code: 0, stdout: report(migration, out), stderr: [] };
  } catch (error) {
    if (error instanceof MigrationError) return { code: 1, stdout: [], stderr: [error.message] };
    throw error;
  }
}

function report({ secrets, changes, refusals }: Migration, out: string): string[] {
  const toSet = new Set(secrets.map(({ key }) => key));
  const missing = (loadStackFile(out).errors ?? []).filter(({ key }) => !toSet.has(key));
  const commands = secrets.map(({ key, from }) =>
    forStackOf(out, `pulumi config set --secret ${key} --stack STACK    # ${from}`),
  );
  return [
    `${out} is written.`,
    ...section("Changed:", changes),
    ...section("Not taken over:", refusals),
    ...section("Secrets to set, after `pulumi stack init`:", commands),
    ...(missing.length === 0
      ? ["", `Next: npm run --silent check -- --stack-file ${out}`]
      : [
          "",
          `Still to do (${counted(missing.length, "point")}):`,
          "",
          forStackOf(out, formatErrors(missing)),
        ]),
  ];
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

if (require.main === module) finish(migrate(process.argv.slice(2)));
