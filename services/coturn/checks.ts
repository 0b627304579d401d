import { isIP } from "node:net";
import { PORTS } from "../../facts/ports";
import type { DeploymentPlan, TurnPlan } from "../../plan/types";
import { browserTrust } from "../links/pageCertificate";
import type { Check } from "../manifest";
import { TURN_SECRET } from "../links/turn";

/** Addresses for documentation (RFC 5737, RFC 3849), which nobody has; two, in case an example gives one to a bridge. */
const STRANGERS = { 4: ["192.0.2.1", "192.0.2.2"], 6: ["2001:db8::1", "2001:db8::2"] };

/** That coturn relays to the bridges, to nobody else, and to nobody without a password, on every way to it. */
export function turnChecks(plan: DeploymentPlan, turn: TurnPlan): Check[] {
  const { host, publicAddress, ownAddresses: addresses } = turn;
  const family = isIP(publicAddress) === 6 ? 6 : 4;
  // An allocation relays within its own family.
  const peers = turn.peers.filter((address) => isIP(address) === family);
  const stranger = STRANGERS[family].find((address) => !peers.includes(address));
  if (peers.length === 0 || stranger === undefined) return [];
  const check = {
    ...({ kind: "turn", host, addresses, secretFile: TURN_SECRET, peers, stranger } as const),
    relayAddress: publicAddress,
    firstRelayPort: PORTS.turnRelay.port,
    lastRelayPort: PORTS.turnRelay.lastPort ?? PORTS.turnRelay.port,
  };
  const { caFile } = browserTrust(plan);
  const tls = { ...check, transport: "tls", ...(caFile !== undefined && { caFile }) } as const;
  return [
    { ...check, transport: "udp", port: PORTS.turnUdp.port },
    { ...check, transport: "tcp", port: PORTS.turnTcp.port },
    { ...tls, port: PORTS.turns.port },
    ...(turn.sharesHttps ? [{ ...tls, port: PORTS.https.port }] : []),
  ];
}
