import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labAddress } from "../../../facts/labHost";
import type { LabStack } from "./labStack";
import { type Ended, mustRun, run } from "../../../lab/run";

const LAB = "lab/hosts/lab";

/** One row of `lab status --json`. */
interface GuestRow {
  name: string;
  state: string;
}

/** A server that was there before the deployment, made by the lab and not by the program. */
export interface Server {
  name: string;
  address: string;
  /** Its pinned key, as the stack config takes it. */
  hostKey: string;
}

function env(stack: LabStack): NodeJS.ProcessEnv {
  return { ...process.env, AUDIO_MEET_LAB: stack.folder };
}

/** Runs a shell script as root in a guest of the stack, without SSH; the script travels on stdin. */
export async function inGuest(stack: LabStack, guest: string, script: string): Promise<Ended> {
  return run(LAB, ["exec", guest, "--", "bash", "-s"], { env: env(stack), stdin: script });
}

/** The same for a script that must succeed; returns its stdout. */
export async function mustInGuest(stack: LabStack, guest: string, script: string): Promise<string> {
  const options = { env: env(stack), stdin: script };
  return (await mustRun(LAB, ["exec", guest, "--", "bash", "-s"], options)).stdout;
}

/** Names and states of the stack's guests. */
export async function guestsOf(stack: LabStack): Promise<GuestRow[]> {
  const printed = await mustRun(LAB, ["status", "--json"], { env: env(stack) });
  return (JSON.parse(printed.stdout) as GuestRow[]).map(({ name, state }) => ({ name, state }));
}

/** Whether a process whose command line matches runs in a guest at this moment; guests share our process table. */
export function runsIn(guest: string, commandLine: RegExp): boolean {
  return readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return commandLine.test(words) && readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(`${guest}/`);
    } catch {
      return false; // The process ended between the calls.
    }
  });
}

/** Makes an ed25519 key pair in the stack's folder; returns both halves as text. */
export async function keyPair(stack: LabStack, name: string): Promise<{ secret: string; open: string }> {
  const folder = join(stack.folder, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  await mustRun("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
  return { secret: readFileSync(file, "utf8"), open: readFileSync(`${file}.pub`, "utf8").trim() };
}

/** Boots a server that the holder of `authorizedKey` may enter: as root, or as `ubuntu` where a suite stands for Ubuntu. */
export async function makeServer(
  stack: LabStack,
  domain: string,
  name: string,
  authorizedKey: string,
  suite?: string,
): Promise<Server> {
  const hostKey = await keyPair(stack, `host-${name}`);
  const address = labAddress(domain, name, 1);
  const description = { name, address, hostPrivateKey: hostKey.secret, hostPublicKey: hostKey.open };
  const stdin = JSON.stringify({ ...description, authorizedKey, suite });
  await mustRun(LAB, ["create"], { env: env(stack), stdin });
  return { name, address, hostKey: hostKey.open };
}
