import type { Client } from "ssh2";

/** The parts of ssh2 behind its public interface that are needed here. Source: ssh2 1.17.0, lib/client.js, lib/utils.js. */
interface Internals {
  _protocol: {
    env: (id: number, key: string, value: string, wantReply: boolean) => void;
    exec: (id: number, command: string, wantReply: boolean) => void;
  };
  _chanMgr: {
    _channels: Record<
      number,
      { outgoing: { id: number }; _callbacks: ((failed: boolean) => void)[]; close: () => void }
    >;
  };
}

/**
 * Makes the next `exec` on this connection ask for a reply to each environment request, and run the command only once
 * all are there. ssh2 sends them without asking, so a refusal would pass unseen.
 * @param onRefused called for each refused name; a returned error stops the command before it starts
 * @param onStopped receives that error
 */
export function confirmEnvironment(
  client: Client,
  onRefused: (name: string) => Error | undefined,
  onStopped: (error: Error) => void,
): void {
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
  const [sendEnvironment, sendExec] = [protocol.env.bind(protocol), protocol.exec.bind(protocol)];
  const channelOf = (id: number) =>
    Object.values(channels._channels).find((channel) => channel.outgoing.id === id);
  let open = 0;
  let stopped: Error | undefined;
  let start: (() => void) | undefined;

  protocol.env = (id, name, value) => {
    open++;
    channelOf(id)?._callbacks.push((failed) => {
      if (failed) stopped ??= onRefused(name);
      open--;
      if (open === 0) start?.();
    });
    sendEnvironment(id, name, value, true);
  };
  protocol.exec = (id, command, wantReply) => {
    start = () => {
      if (stopped === undefined) {
        sendExec(id, command, wantReply);
        return;
      }
      channelOf(id)?.close();
      onStopped(stopped);
    };
    if (open === 0) start();
  };
}
