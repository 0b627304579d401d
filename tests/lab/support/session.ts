import { readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import WebSocket from "ws";

const WAIT_SECONDS = 10;

/** An open websocket to Prosody through nginx, as a participant in a long conference has it. */
export class LastingSession {
  private readonly received: string[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => this.received.push(data.toString()));
  }

  /** Connects to the domain at an address, verified by the authorities in a file, and opens a stream. */
  static async open(domain: string, address: string, caFile: string): Promise<LastingSession> {
    const lookup: LookupFunction = (_name, options, done) => {
      if (options.all) done(null, [{ address, family: 4 }]);
      else done(null, address, 4);
    };
    const ca = readFileSync(caFile);
    const socket = new WebSocket(`wss://${domain}/xmpp-websocket`, "xmpp", { ca, lookup });
    const session = new LastingSession(socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket.send(`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`);
    await session.wait(/stream:features/);
    return session;
  }

  /** Whether Prosody still answers on this very connection. */
  async answers(): Promise<boolean> {
    const before = this.received.length;
    this.socket.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    await this.wait(/<success/, before);
    return this.socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.socket.terminate();
  }

  private async wait(pattern: RegExp, from = 0): Promise<void> {
    const until = Date.now() + WAIT_SECONDS * 1000;
    while (!this.received.slice(from).some((text) => pattern.test(text))) {
      if (Date.now() > until) throw new Error(`no ${pattern.source} within ${WAIT_SECONDS} s`);
      await pause(20);
    }
  }
}
