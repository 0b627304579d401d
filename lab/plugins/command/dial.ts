import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { connectConfig, ConnectionError, DEFAULTS, type Connection, type Endpoint } from "./connection";

/** Waiting time between dials. Source: pulumi-command, provider/pkg/provider/remote/connection.go. */
const FIRST_DELAY_SECONDS = 0.1;
const DELAY_FACTOR = 1.5;
const LONGEST_DELAY_SECONDS = 5;

/**
 * Silence after which the kernel asks whether the host is still there. Source: Go, net/dial.go, defaultTCPKeepAliveIdle. Upstream's
 * dialler then asks nine times, every 15 s, and gives the host up after 150 s; Node asks ten times, every second, and can
 * be told nothing else: 25 s.
 */
const KEEP_ALIVE_SECONDS = 15;

export interface DialOptions {
  signal: AbortSignal;
  status: (message: string) => void;
}

/** Seconds to wait after the n-th failed dial, counted from 0. */
function dialDelaySeconds(failures: number): number {
  return Math.min(FIRST_DELAY_SECONDS * DELAY_FACTOR ** failures, LONGEST_DELAY_SECONDS);
}

/** The way to a host as upstream's dialler opens it: a host that vanishes within a session ends that session. */
function keptAlive({ host = "", port = DEFAULTS.port }: ConnectConfig): Socket {
  return connect({ host, port, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_SECONDS * 1000 });
}

function dialOnce(config: ConnectConfig, signal: AbortSignal): Promise<Client> {
  const client = new Client();
  return new Promise<Client>((resolve, reject) => {
    const abort = (): void => {
      client.destroy();
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    const settle = (action: () => void) => (): void => {
      signal.removeEventListener("abort", abort);
      action();
    };
    client.on(
      "ready",
      settle(() => {
        resolve(client);
      }),
    );
    // Stays attached: an error after the handshake ends the session, which reports it.
    client.on("error", (error) => {
      settle(() => {
        client.destroy();
        reject(error);
      })();
    });
    client.on(
      "close",
      settle(() => {
        reject(new Error("connection closed during the handshake"));
      }),
    );
    client.connect({ ...config, sock: config.sock ?? keptAlive(config) });
  });
}

/** Repeats one part of the way, called `part`, until it succeeds or has failed more often than the limit forgives. */
async function retrying<T>(
  part: string,
  { dialErrorLimit: limit = DEFAULTS.dialErrorLimit }: Endpoint,
  { signal, status }: DialOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (signal.aborted)
        throw new Error(`dialling stopped after ${failures + 1} attempts: ${reason}`, { cause: error });
      if (error instanceof ConnectionError) throw error;
      if (limit > -1 && failures >= limit)
        throw new Error(`after ${failures} failed attempts: ${reason}`, { cause: error });
      status(`${part} ${failures + 1}/${limit === -1 ? "inf" : limit} failed: retrying`);
      await sleep(dialDelaySeconds(failures) * 1000, undefined, { signal }).catch(() => undefined);
    }
  }
}

function forward(proxy: Client, target: Endpoint, signal: AbortSignal): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
    proxy.forwardOut("127.0.0.1", 0, target.host, target.port ?? DEFAULTS.port, (error, channel) => {
      signal.removeEventListener("abort", abort);
      if (error === undefined) resolve(channel);
      else reject(new Error(`through the proxy to ${target.host}: ${error.message}`, { cause: error }));
    });
  });
}

/**
 * Opens a connection. Every failed dial, refused login included, is repeated up to the endpoint's limit. Through a proxy so is
 * the proxy's own dial to the target, but not the login there: upstream repeats it on the channel that has just failed, in vain.
 */
export async function dial(
  connection: Connection,
  options: DialOptions,
): Promise<{ client: Client; close: () => void }> {
  const { proxy, ...target } = connection;
  if (proxy === undefined) {
    const client = await retrying("Dial", target, options, async () =>
      dialOnce(await connectConfig(target), options.signal),
    );
    return {
      client,
      close: () => {
        client.end();
      },
    };
  }
  const outer = await retrying("Dial proxy", proxy, options, async () =>
    dialOnce(await connectConfig(proxy), options.signal),
  );
  try {
    const sock = await retrying("Dial from proxy", target, options, () =>
      forward(outer, target, options.signal),
    );
    const client = await dialOnce({ ...(await connectConfig(target)), sock }, options.signal);
    return {
      client,
      close: () => {
        client.end();
        outer.end();
      },
    };
  } catch (error) {
    outer.end();
    throw error;
  }
}
