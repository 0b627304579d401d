import { servingById } from "../../plan/parked";
import type { Check } from "../../services/manifest";
import { askHost, type Answer } from "../hosts";
import { helperHere } from "./helper";
import { mediaCheck, openingOn, type Opening } from "./openings";
import type { Finding, StackOutputs } from "./outside";
import type { TimeLeft } from "./time";

type Way = Record<string, Check[]>;
type Findings = Answer<{ findings: Finding[] }>;

/**
 * Whether UDP reaches each bridge, from here, from the core, and from the other bridges (relays): by who looked, what was found. A
 * bridge that gives no opening is left out: what is wrong with it is a link of its own; where it only came too late, that is said. So is one that is parked.
 */
export async function lookAtMedia(
  { bridges: all, ssh }: Pick<StackOutputs, "bridges" | "ssh">,
  { openingMilliseconds, mediaMilliseconds, mediaSeconds }: TimeLeft,
): Promise<[string, Findings][]> {
  const bridges = servingById(all);
  const loginOf = (id: string) => ssh[id] ?? ssh["core"] ?? "";
  const held = await Promise.all(
    Object.keys(bridges).map(async (id) => [id, await openingOn(loginOf(id), openingMilliseconds)] as const),
  );
  const open = held.flatMap(([id, { told }]) => ("notKnown" in told ? [] : [[id, told] as const]));
  const document = (way: Way) => ({ way, seconds: mediaSeconds });
  const asked = Object.entries(waysOf(bridges, Object.keys(ssh), open)).map(
    async ([by, way]): Promise<[string, Findings]> => {
      const stdin = JSON.stringify(document(way));
      const options = { stdin, longMilliseconds: mediaMilliseconds };
      if (by === "here") return [by, await helperHere("look", document(way), mediaMilliseconds)];
      return [by, await askHost(loginOf(by), "look", options)];
    },
  );
  const found = await Promise.all(asked);
  for (const [, { close }] of held) close();
  const late = held.flatMap(([id, { lateness }]) => (lateness ? [[`media ${id}`, lateness] as const] : []));
  return [...found, ...late.map(([by, notKnown]): [string, Findings] => [by, { notKnown }])];
}

/** What each of them is asked: this machine and the core for media, each bridge for the others. */
export function waysOf(
  bridges: StackOutputs["bridges"],
  hosts: string[],
  open: (readonly [string, Opening])[],
): Record<string, Way> {
  if (open.length === 0) return {};
  const check = (id: string, opening: Opening) => mediaCheck(bridges[id]?.publicAddress ?? "", opening);
  const media = Object.fromEntries(open.map(([id, opening]) => [`media ${id}`, [check(id, opening)]]));
  const relays = Object.keys(bridges).flatMap((from) => {
    const others = open.filter(([id]) => id !== from).map(([id, opening]) => check(id, opening));
    return others.length > 0 ? [[from, { [`relay ${from}`]: others }] as const] : [];
  });
  const ways: Record<string, Way> = { here: media, core: media };
  for (const [from, way] of relays) {
    // A bridge on the core is asked there.
    const by = hosts.includes(from) ? from : "core";
    ways[by] = { ...ways[by], ...way };
  }
  return ways;
}
