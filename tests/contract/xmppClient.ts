import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { BREWERY, type JvbProsody, PASSWORD, TECH } from "./jvbProsody";

const LIMIT_MS = 20_000;
const MUC = "http://jabber.org/protocol/muc";
const COLIBRI = "jitsi:colibri2";

/** Attributes of an opening tag as Prosody writes it. */
function attributes(tag: string): Record<string, string> {
  const pairs = [...tag.matchAll(/([\w:-]+)='([^']*)'/g)];
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value]));
}

/** A session of an account at prosody-jvb, which says what a test lets it say. */
export class XmppClient {
  heard = "";
  isClosed = false;
  jid = "";
  private barriers = 0;

  constructor(private readonly socket: Socket) {
    socket.setEncoding("utf8");
    socket.on("data", (data) => {
      this.onHeard(String(data));
    });
    socket.on("close", () => (this.isClosed = true));
    socket.on("error", () => (this.isClosed = true));
  }

  /** Logs in over verified TLS; `as` is a resource, or the stream that goes on. */
  static async open<T extends XmppClient>(
    this: new (socket: Socket) => T,
    prosody: JvbProsody,
    account: string,
    as: string | { resume: string } = "",
  ): Promise<T> {
    const client = new this(await secured(prosody));
    const secret = Buffer.from(`\0${account}\0${PASSWORD}`).toString("base64");
    const sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    await client.stream();
    await client.ask(`<auth xmlns='${sasl}' mechanism='PLAIN'>${secret}</auth>`, /<success|<failure/);
    if (client.heard.includes("<failure")) throw new Error(`${account}: ${client.heard}`);
    await client.stream();
    if (typeof as === "object") {
      await client.ask(`<resume xmlns='urn:xmpp:sm:3' h='0' previd='${as.resume}'/>`, /<resumed/);
      return client;
    }
    const name = as === "" ? "" : `<resource>${as}</resource>`;
    const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${name}</bind>`;
    const [, jid = ""] = await client.ask(`<iq type='set' id='bind'>${bind}</iq>`, /<jid>([^<]+)/);
    client.jid = jid;
    return client;
  }

  private async stream(): Promise<void> {
    const streams = "http://etherx.jabber.org/streams";
    await this.ask(
      `<stream:stream xmlns='jabber:client' xmlns:stream='${streams}' to='${TECH}' version='1.0'>`,
      /<\/stream:features>/,
    );
  }

  protected onHeard(text: string): void {
    this.heard += text;
  }

  say(text: string): void {
    if (!this.isClosed) this.socket.write(text);
  }

  /** Says something and waits for what comes after it. */
  async ask(text: string, answer: RegExp): Promise<RegExpExecArray> {
    this.heard = "";
    this.say(text);
    return await this.hears(answer);
  }

  async hears(what: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + LIMIT_MS;
    for (;;) {
      const found = what.exec(this.heard);
      if (found) return found;
      if (this.isClosed || Date.now() > deadline)
        throw new Error(`no ${what} in: ${this.heard.slice(-2000)}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /**
   * Whatever was said, or sent to this client, before is done afterwards. It asks what nobody answers: that is an error at once,
   * with and without bounds. Nothing where the stream has ended.
   */
  async settled(): Promise<void> {
    this.barriers += 1;
    const id = `settled${this.barriers}`;
    this.say(`<iq type='get' id='${id}'><query xmlns='urn:barrier'/></iq>`);
    const answered = new RegExp(`<iq [^>]*id='${id}'`);
    const deadline = Date.now() + LIMIT_MS;
    while (!answered.test(this.heard) && !this.isClosed) {
      if (Date.now() > deadline) throw new Error("the stream is neither served nor closed");
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** Goes into a room under a name. */
  enter(nickname: string, inside = "", room = BREWERY): void {
    this.say(`<presence to='${room}/${nickname}'><x xmlns='${MUC}'/>${inside}</presence>`);
  }

  /** Goes without a word. */
  cut(): void {
    this.socket.destroy();
  }

  /** Ends the stream, and is gone from the server afterwards. */
  async close(): Promise<void> {
    this.say("</stream:stream>");
    const deadline = Date.now() + LIMIT_MS;
    while (!this.isClosed && Date.now() < deadline) await new Promise((done) => setTimeout(done, 5));
    this.socket.destroy();
  }
}

async function secured({ port, authority }: JvbProsody): Promise<Socket> {
  const plain = connectTcp(port, "127.0.0.1");
  const streams = "http://etherx.jabber.org/streams";
  let said = "";
  plain.write(`<stream:stream xmlns='jabber:client' xmlns:stream='${streams}' to='${TECH}' version='1.0'>`);
  await new Promise<void>((done, fail) => {
    plain.on("error", fail).on("data", (data) => {
      said += String(data);
      if (said.includes("</stream:features>")) {
        said = "";
        plain.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
      } else if (said.includes("<proceed")) done();
    });
  });
  plain.removeAllListeners("data");
  const socket = connectTls({ socket: plain, servername: TECH, ca: authority });
  await new Promise<void>((done, fail) => socket.once("secureConnect", done).once("error", fail));
  return socket;
}

/** Just enough of a bridge: it announces itself, and it does what anybody in the brewery asks, as the real one does. */
export class StandInBridge extends XmppClient {
  /** Who has made it change a conference. */
  commandedBy: string[] = [];
  isSilent = false;
  private rest = "";

  static async start(prosody: JvbProsody, account: string, nickname: string): Promise<StandInBridge> {
    const bridge = await StandInBridge.open(prosody, account);
    bridge.say("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq><presence/>");
    bridge.enter(nickname, stats(nickname));
    await bridge.hears(/code='110'/);
    return bridge;
  }

  protected override onHeard(text: string): void {
    super.onHeard(text);
    this.rest += text;
    const commands = [...this.rest.matchAll(/<iq ([^>]*)><conference-modify [^>]*\/><\/iq>/g)];
    const last = commands.at(-1);
    if (last) this.rest = this.rest.slice(last.index + last[0].length);
    for (const [, tag = ""] of commands) {
      const { from = "", id = "" } = attributes(tag);
      this.commandedBy.push(from);
      if (!this.isSilent)
        this.say(`<iq type='result' id='${id}' to='${from}'><conference-modified xmlns='${COLIBRI}'/></iq>`);
    }
  }
}

/** What a bridge says of itself. */
export function stats(relayId: string): string {
  const stat = (name: string, value: string) => `<stat name='${name}' value='${value}'/>`;
  const all = stat("relay_id", relayId) + stat("stress_level", "0.1") + stat("healthy", "true");
  return `<stats xmlns='http://jitsi.org/protocol/colibri'>${all}</stats>`;
}

/** What jicofo sends to a bridge about a conference. */
export function command(to: string, id: string, more = ""): string {
  return `<iq type='set' id='${id}' to='${to}'><conference-modify xmlns='${COLIBRI}' meeting-id='m'${more}/></iq>`;
}
