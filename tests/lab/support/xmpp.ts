import { Forward } from "../../../lab/xmpp/forward";
import type { LabStack } from "./labStack";

/** Lets accounts of daemons log in over the websocket, which is not for them: a test that takes jicofo's place comes over it. */
export async function admitDaemons(stack: LabStack, domain: string): Promise<void> {
  await stack.on("core", `timeout 20 prosodyctl shell module unload login_limits auth.${domain} </dev/null`);
}

/** A port of a host's loopback, reached over SSH from here. */
export async function forwardTo(stack: LabStack, hostId: string, remotePort: number): Promise<Forward> {
  const { ssh } = await stack.outputs<{ ssh: Record<string, string> }>();
  const command = ssh[hostId];
  if (command === undefined) throw new Error(`no host ${hostId} in the outputs`);
  return Forward.by(command, remotePort);
}
