import { type ChildProcess, spawn } from "node:child_process";
import { createConnection, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { client, type xml } from "@xmpp/client";
import { Parser } from "@xmpp/xml";
import WebSocket from "ws";
import type { LabStack } from "./labStack";

/** One XML element as the library hands it over. */
export type Element = ReturnType<typeof xml>;

/** Whom to log in as; without an account the server gives a name of its own. */
export interface Login {
  domain: string;
  username?: string;
  password?: string;
  resource?: string;
}

const WAIT_SECONDS = 10;

// What a browser has of its own.
Object.assign(globalThis, { WebSocket });

/** A real XMPP client over a websocket, which keeps what it received. */
export class XmppClient {
  private constructor(
    private readonly entity: ReturnType<typeof client>,
    readonly address: string,
    readonly received: Element[],
  ) {}

  /** Logs in; `service` is the address of the websocket. */
  static async login(service: string, login: Login): Promise<XmppClient> {
    const entity = client({ service, ...login });
    // Without a listener an error of a connection that is gone would end the process.
    entity.on("error", () => undefined);
    entity.reconnect.stop();
    // Before the login: a server may say something in the same breath.
    const received: Element[] = [];
    entity.on("stanza", (stanza: Element) => received.push(stanza));
    return new XmppClient(entity, (await entity.start()).toString(), received);
  }

  /** Sends one stanza. */
  async send(stanza: string): Promise<void> {
    await this.entity.send(parse(stanza));
  }

  /** Sends text as it is; the session cannot go on after that, for the library counts stanzas. */
  async sendBroken(text: string): Promise<void> {
    await this.entity.write(text);
  }

  /** The first stanza received, or still to come, that satisfies `wanted`, without those before position `from`. */
  async wait(what: string, wanted: (stanza: Element) => boolean, from = 0): Promise<Element> {
    const until = Date.now() + WAIT_SECONDS * 1000;
    while (Date.now() < until) {
      const found = this.received.slice(from).find(wanted);
      if (found) return found;
      await pause(20);
    }
    throw new Error(`${this.address} received no ${what} within ${WAIT_SECONDS} s`);
  }

  get isOnline(): boolean {
    return this.entity.status === "online";
  }

  async stop(): Promise<void> {
    await this.entity.stop();
  }
}

/** The element that a text describes. */
export function parse(text: string): Element {
  const parser = new Parser();
  let root: Element | undefined;
  parser.on("start", (element: Element) => (root = element));
  parser.on("element", (element: Element) => root?.append(element));
  parser.write(text);
  if (root === undefined) throw new Error(`no XML: ${text.slice(0, 80)}`);
  return root;
}

/** Lets accounts of daemons log in over the websocket, which is not for them: a test that takes jicofo's place comes over it. */
export async function admitDaemons(stack: LabStack, domain: string): Promise<void> {
  await stack.on("core", `timeout 20 prosodyctl shell module unload login_limits auth.${domain} </dev/null`);
}

/** A port of a host's loopback, reached over SSH from here. */
export class Forward {
  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  static async open(stack: LabStack, hostId: string, remotePort: number): Promise<Forward> {
    const { ssh } = await stack.outputs<{ ssh: Record<string, string> }>();
    const command = ssh[hostId];
    if (command === undefined) throw new Error(`no host ${hostId} in the outputs`);
    return Forward.by(command, remotePort);
  }

  /** By a login command, as the output `ssh` has them. */
  static async by(command: string, remotePort: number): Promise<Forward> {
    const port = await freePort();
    const script = `exec ${command} -o ExitOnForwardFailure=yes -N -L 127.0.0.1:${port}:127.0.0.1:${remotePort}`;
    const forward = new Forward(port, spawn("bash", ["-c", script], { stdio: "ignore" }));
    for (let tries = 0; tries < 100; tries += 1) {
      if (await answers(port)) return forward;
      await pause(100);
    }
    forward.close();
    throw new Error(`port ${remotePort} could not be reached by ${command}`);
  }

  close(): void {
    this.process.kill();
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the system gave no port"));
      });
    });
  });
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}
