import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { hostAndPort } from "../../plan/addresses";
import { madeMachineSilent, noAnswer } from "../../services/outputs";

/**
 * Pauses between tries. A server on its way up from a reboot answers within them; the long ones outlast what firewalls count
 * (`ufw limit`: 30 s, in which a refused try counts as well).
 */
const PAUSES_SECONDS = [2, 5, 31, 31];

/** For one try. With the pauses a server that is off ends the run after a minute and a half. */
const TRY_SECONDS = 4;

/** Where SSH connects: a server that was there before, or the jump host in front of it. */
export interface Door {
  address: string;
  port: number;
  /** The hosts behind it. */
  ids: string[];
}

/**
 * Gives addresses of servers that were there before once each of `doors` answers or has been tried often enough: then the provider,
 * which tries once, says of all of them what is wrong. The provider's own tries know no difference between a server that is not
 * up yet and a refused login, for which servers ban whoever repeats it. A preview asks nobody.
 */
export function whenAllAnswer(doors: Door[]): (address: string) => pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return (address) => pulumi.output(address);
  const each = new Map<string, Door>();
  for (const door of doors) {
    const place = hostAndPort(door.address, door.port);
    each.set(place, { ...door, ids: [...(each.get(place)?.ids ?? []), ...door.ids] });
  }
  const all = Promise.all([...each.values()].map(async (door) => knock(door)));
  return (address) => pulumi.output(all.then(() => address));
}

/** Waits for a door; where nobody answers in the end, the remedy is said beside the provider's own error. */
export async function knock({ address, port, ids }: Door, pausesSeconds = PAUSES_SECONDS): Promise<void> {
  if (await waitFor(address, port, pausesSeconds)) return;
  await pulumi.log.warn(noAnswer(hostAndPort(address, port), ids, pulumi.getStack()));
}

/** Whether the port takes a connection, by the last try. */
export async function waitFor(
  address: string,
  port: number,
  pausesSeconds = PAUSES_SECONDS,
): Promise<boolean> {
  for (const pause of pausesSeconds) {
    const refusal = await tryOnce(address, port);
    if (refusal === undefined) return true;
    await pulumi.log.info(
      `${hostAndPort(address, port)} does not answer (${refusal}): tried again in ${pause} s`,
    );
    await sleep(pause * 1000);
  }
  return false;
}

/** A machine that we made, and the resources that tell how far it is. */
export interface MadeMachine {
  id: string;
  address: pulumi.Input<string>;
  port: number;
  resource: pulumi.Resource;
  /** The first step on it: where it is done, in this `up` or an earlier one, the machine has answered. */
  firstStep: pulumi.Resource;
}

/** A step gives up after a minute of silence (host/step.ts); what to do has to be said before. */
const SILENT_SECONDS = 45;
const PAUSE_SECONDS = 3;

/**
 * Says what to do about a machine that we made, where it stays silent in an `up`: beside the error of the step that waits for it, which
 * has no remedy. An `up` that waits for nothing there ends without it.
 */
export function nameIfSilent(machine: MadeMachine): void {
  if (pulumi.runtime.isDryRun()) return;
  let hasAnswered = false;
  machine.firstStep.urn.apply(() => (hasAnswered = true));
  const { resource, address, port, id } = machine;
  const stack = pulumi.getStack();
  pulumi.all([address, resource.urn]).apply(([where]) => {
    void answersWithin(SILENT_SECONDS, where, port).then(async (answers) => {
      const silent = { place: hostAndPort(where, port), id, stack, seconds: SILENT_SECONDS, hasAnswered };
      if (!answers) await pulumi.log.warn(madeMachineSilent(silent));
    });
  });
}

/** Whether the port takes a connection within so many seconds. Nothing else waits for the answer, not even the end of the program. */
export async function answersWithin(
  seconds: number,
  address: string,
  port: number,
  pauseSeconds = PAUSE_SECONDS,
): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    if ((await tryOnce(address, port, false)) === undefined) return true;
    const left = end - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pauseSeconds * 1000, left), undefined, { ref: false });
  }
}

/** Why the port takes no connection; undefined where it does. `isAwaited`: the program does not end before. */
async function tryOnce(host: string, port: number, isAwaited = true): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TRY_SECONDS * 1000 });
    if (!isAwaited) socket.unref();
    const end = (refusal?: string) => () => {
      socket.destroy();
      resolve(refusal);
    };
    // What the server says first: a port that is taken by a proxy in front takes connections before the server does.
    socket.once("data", end());
    socket.once("timeout", end(`no answer within ${TRY_SECONDS} s`));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      end(error.code ?? error.message)();
    });
    socket.once("end", end("closed at once"));
  });
}
