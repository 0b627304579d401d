import { setTimeout as pause } from "node:timers/promises";
import type { Noticed } from "./crowd";
import type { Fault } from "./fault";
import { takeMemory } from "./memory";
import type { Scene } from "./scene";

/** How long everything has to be well before it counts as over. */
const QUIET_SECONDS = 3;
const PATIENCE_SECONDS = 120;
/** So many people are on a bridge before it is lost. */
const ON_THE_BRIDGE = 20;

/** What became of a fault. Seconds. */
export interface Outcome extends Noticed {
  name: string;
  /** From its beginning until the bridge was out of use, and until its people were on others; undefined: not lost. */
  outOfUse?: number | undefined;
  moved?: number | undefined;
  /** From its end until everything was well, and what was not before. */
  well: number;
  troubles: string[];
  /** "NAME fired" or "NAME would fire". */
  alerts: string[];
  /** Whether what had to hold at the end of it held. */
  held: boolean;
}

/** Makes a fault, mends it, and waits until all is well. */
export async function happen(scene: Scene, fault: Fault): Promise<Outcome> {
  // The first look at a busy machine takes seconds, and one fault's end is not another's beginning.
  await quiet(scene, `before ${fault.name}`);
  if (fault.loses) await scene.occupy({ [fault.loses]: ON_THE_BRIDGE });
  const began = Date.now();
  await make(scene, fault);
  const during = following(scene, fault, began);
  await pause(Math.max(0, began + 1000 * fault.lasts - Date.now()));
  const held = await holds(scene, fault);
  // Alerts are judged every few seconds: what was wrong last has to be seen.
  const ended = fault.lasts > 0 ? Date.now() : began;
  await mend(scene, fault);
  const seen = await during;
  const { at, found } = await settled(scene, fault, began);
  return {
    ...{ name: fault.name, ...scene.crowd.noticed(began), ...seen, held, troubles: found },
    well: Math.max(0, (at - ended) / 1000),
    alerts: alertsSince(scene, began),
  };
}

async function make(scene: Scene, { means, on }: Fault): Promise<void> {
  for (const host of on) {
    if ("power" in means) await scene.stack.lab("stop", scene.guest(host), "--at-once");
    else if ("shell" in means) await scene.on(host, means.shell);
    else await takeMemory(scene, host, means.noMemoryFor);
  }
}

async function mend(scene: Scene, { means, on }: Fault): Promise<void> {
  for (const host of on) {
    if ("power" in means) {
      await scene.stack.lab("start", scene.guest(host));
      scene.bridges.get(scene.guest(host))?.open();
    } else if ("shell" in means && means.mend !== undefined) await scene.on(host, means.mend);
  }
}

async function holds(scene: Scene, { holds: shell, on }: Fault): Promise<boolean> {
  if (shell === undefined) return true;
  const answers = await Promise.all(on.map((host) => scene.on(host, `if ${shell}; then echo yes; fi`)));
  return answers.every((answer) => answer.trim().endsWith("yes"));
}

/** Until a bridge is out of use and its people are elsewhere. */
async function following(scene: Scene, { loses }: Fault, began: number) {
  if (loses === undefined) return {};
  const until = async (holds: () => boolean): Promise<number | undefined> => {
    while (!holds()) {
      if (Date.now() - began > 1000 * PATIENCE_SECONDS) return undefined;
      await pause(100);
    }
    return (Date.now() - began) / 1000;
  };
  const isOut = () =>
    scene.core.since(began).some(({ bridges }) => bridges !== null && !bridges.includes(loses));
  const outOfUse = await until(isOut);
  const moved = await until(() => scene.carried(loses) >= ON_THE_BRIDGE);
  return { outOfUse, moved };
}

/** Waits until all has been well for some seconds. */
async function quiet(scene: Scene, when: string): Promise<void> {
  const limit = Date.now() + 1000 * PATIENCE_SECONDS;
  for (let badAt = Date.now(); Date.now() - badAt < 1000 * QUIET_SECONDS;) {
    const troubles = scene.troubles();
    if (troubles.length > 0) badAt = Date.now();
    if (Date.now() > limit)
      throw new Error(`${when}: not well within ${PATIENCE_SECONDS} s: ${troubles.join(", ")}`);
    await pause(200);
  }
}

/** Waits until all has been well for some seconds; since when, and what was not. */
async function settled(
  scene: Scene,
  { name }: Fault,
  began: number,
): Promise<{ at: number; found: string[] }> {
  await quiet(scene, `after ${name}`);
  const looks = scene.core.since(began);
  const bad = looks.filter((look) => serverTroubles(look).length > 0);
  const first = looks.find(({ at }) => at > (bad.at(-1)?.at ?? 0));
  const fellOut = scene.crowd.noticed(began).fellOut > 0;
  const at = Math.max(
    bad.length > 0 ? (first?.at ?? began) : began,
    fellOut ? scene.crowd.completeSince : began,
  );
  return { at, found: [...new Set(bad.flatMap((look) => serverTroubles(look)))] };

  function serverTroubles(look: (typeof looks)[number]): string[] {
    return scene.troubles({ ...look, at: Date.now() }).filter((trouble) => trouble !== "not everybody is in");
  }
}

/** Alerts that came since then, without those of what was before. */
function alertsSince(scene: Scene, began: number): string[] {
  const before = new Set(scene.alerts?.looks.filter(({ at }) => at < began).at(-1)?.alerts);
  const said = new Set(
    scene.alerts?.since(began).flatMap(({ alerts }) => alerts.filter((one) => !before.has(one))),
  );
  const names = new Set([...said].map((one) => one.split(" ")[0] ?? ""));
  return [...names].sort().map((name) => `${name} ${said.has(`${name} firing`) ? "fired" : "would fire"}`);
}
