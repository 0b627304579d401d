import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { lua } from "../../services/escapers";
import { TEMPLATES } from "./prosodyLua";
import { freePort, startProcess } from "./prosodyProcess";

const SASL = "urn:ietf:params:xml:ns:xmpp-sasl";

/** A real Prosody 13 behind a proxy that says who comes, as nginx does. */
export interface DoorProsody {
  httpPort: number;
  clientPort: number;
  log: () => string;
  /** Lets it read its configuration again. */
  reload: () => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * Starts it in a folder.
 *
 * @param lines configuration of its hosts
 * @param accounts host → name → password
 * @param modules modules of the test's own, by file name
 */
export async function startProsody(
  folder: string,
  lines: string,
  accounts: Record<string, Record<string, string>> = {},
  modules: Record<string, string> = {},
): Promise<DoorProsody> {
  const [httpPort, clientPort] = [await freePort(), await freePort()];
  mkdirSync(join(folder, "certs"));
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text);
  for (const [host, passwords] of Object.entries(accounts)) {
    const store = join(folder, host.replaceAll(".", "%2e"), "accounts");
    mkdirSync(store, { recursive: true });
    for (const [name, password] of Object.entries(passwords))
      writeFileSync(join(store, `${name}.dat`), `return { password = ${lua(password)} }`);
  }
  const prosody = await startProcess(
    folder,
    `run_as_root = true
    pidfile = ${lua(join(folder, "pid"))}
    data_path = ${lua(folder)}
    certificates = ${lua(join(folder, "certs"))}
    plugin_paths = { ${lua(TEMPLATES)}, ${lua(folder)} }
    log = { info = "*console" }
    modules_enabled = { "saslauth", "disco" }
    modules_disabled = { "s2s", "offline", "register", "tls", "posix" }
    c2s_ports = { ${clientPort} }
    c2s_interfaces = { "127.0.0.1" }
    c2s_require_encryption = false
    allow_unencrypted_plain_auth = true
    http_ports = { ${httpPort} }
    http_interfaces = { "127.0.0.1" }
    https_ports = {}
    trusted_proxies = { "127.0.0.1" }
    consider_websocket_secure = true
    consider_bosh_secure = true
    storage = "internal"
    ${lines}
    `,
    "http",
  );
  const reload = async () => {
    const from = prosody.log().length;
    prosody.kill("SIGHUP");
    await prosody.says(/Received SIGHUP|[Rr]eloading/, from);
    await new Promise((done) => setTimeout(done, 500));
  };
  return { httpPort, clientPort, log: prosody.log, reload, stop: () => prosody.stop() };
}

/** Somebody in a browser, at an address. */
export class Browser {
  /** What the stream offered as it began. */
  offered = "";
  private heard = "";
  private isClosed = false;

  private constructor(
    private readonly socket: WebSocket,
    private readonly host: string,
  ) {
    socket.on("message", (data: Buffer) => (this.heard += data.toString()));
    socket.on("close", () => (this.isClosed = true));
  }

  static async open({ httpPort }: DoorProsody, host: string, address: string): Promise<Browser> {
    const socket = new WebSocket(`ws://127.0.0.1:${httpPort}/xmpp-websocket`, ["xmpp"], {
      headers: { host: "meet.example.org", "x-forwarded-for": address },
    });
    await new Promise((done, fail) => socket.once("open", done).once("error", fail));
    const browser = new Browser(socket, host);
    browser.offered = await browser.stream();
    return browser;
  }

  /** Begins a stream; what is offered. */
  private async stream(): Promise<string> {
    const open = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${this.host}" version="1.0"/>`;
    return this.ask(open, /<\/stream:features>|<\/features>|<close/);
  }

  /** Says something; everything that was heard until the answer. */
  async ask(text: string, answer: RegExp): Promise<string> {
    this.heard = "";
    this.socket.send(text);
    const deadline = Date.now() + 30_000;
    while (!answer.test(this.heard)) {
      if (this.isClosed || Date.now() > deadline) throw new Error(`after ${text}: ${this.heard}`);
      await new Promise((done) => setTimeout(done, 2));
    }
    return this.heard;
  }

  /** Tries to log in with a name and a password; "ok" or the condition of the refusal. */
  async login(name: string, password: string): Promise<string> {
    const message = Buffer.from(`\0${name}\0${password}`).toString("base64");
    return verdict(await this.ask(auth("PLAIN", message), /<success|<\/failure>/));
  }

  /** Is let in without a name, and gets an address. */
  async anonymous(): Promise<void> {
    await this.ask(auth("ANONYMOUS", ""), /<success/);
    await this.stream();
    const bind = `<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>`;
    await this.ask(`<iq xmlns="jabber:client" type="set" id="b">${bind}</iq>`, /<jid>/);
  }

  close(): void {
    this.socket.terminate();
  }
}

/** The element of a login. */
export function auth(mechanism: string, message: string): string {
  return `<auth xmlns="${SASL}" mechanism="${mechanism}">${message}</auth>`;
}

/** What is said to a login. */
export function verdict(answer: string): string {
  return answer.includes("<success") ? "ok" : (/<failure[^>]*><([\w-]+)/.exec(answer)?.[1] ?? answer);
}
