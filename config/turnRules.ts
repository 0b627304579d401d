import type { Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

/** nginx tells the page and TURN apart by the name that a client asks for. */
export function sharedTurnName({ domain, turn }: Draft): Breach[] {
  if (!turn.sharesHttps || domain === undefined || turn.name !== domain) return [];
  const fix = "Give TURN another name, or leave it out for turn. and the domain.";
  return [
    { key: "jitsi:turn.name", finding: `is ${shown(turn.name)}, which is also the name of the page`, fix },
  ];
}

/** A key that has no effect is a misunderstanding. */
export function idleTurnKeys({ turn }: Draft): Breach[] {
  if (turn.isEnabled) return [];
  const idle = [
    ...(turn.sharesHttps ? [{ key: "jitsi:turn.tls443", finding: "is true" }] : []),
    ...(turn.name === undefined ? [] : [{ key: "jitsi:turn.name", finding: `is ${shown(turn.name)}` }]),
  ];
  return idle.map((one) => ({ ...one, fix: "Remove it, or remove `enabled: false`." }));
}
