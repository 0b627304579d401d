import { setTimeout as pause } from "node:timers/promises";
import { client, type xml } from "@xmpp/client";
import { Parser } from "@xmpp/xml";
import WebSocket from "ws";

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
