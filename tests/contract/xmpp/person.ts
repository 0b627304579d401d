import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { WebSocket } from "ws";

const FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";
const MANAGEMENT = "urn:xmpp:sm:3";

type Listener = (stanza: string) => void;

/** Who logs in where; without a password anonymously. */
export interface Login {
  host: string;
  user?: { name: string; password: string; resource?: string };
  token?: string;
  /** The room that the page's address names. */
  room?: string;
  /** The address from which nginx would say that the browser comes. */
  address?: string;
  /** Whose stream goes on over this connection (XEP-0198). */
  insteadOf?: Person;
  /** Whether he says what has come where he is asked, as every page does; true unless given. */
  acknowledges?: boolean;
  /** Hears everything from the first moment on: what is sent again comes at once. */
  hears?: Listener;
  /** What else the page's address of the websocket says. */
  query?: Record<string, string>;
  /** Through nginx at this address, with TLS that this authority vouches for; absent: straight to Prosody. */
  through?: { address: string; caPem: string };
}

/** Somebody who is logged in over a websocket of a real Prosody, as a page is. */
export class Person {
  jid = "";
  /** What ended the stream, empty while it goes on. */
  ended = "";
  private acknowledges = true;
  private readonly listeners = new Set<Listener>();
  private numbers = 0;
  /** The id of the stream that can be resumed, how many stanzas of it have come, and how many he said so of when he resumed it. */
  private stream = { id: "", heard: 0, said: 0 };

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      const stanza = data.toString();
      if (/^<(iq|message|presence)[ >]/.test(stanza)) this.stream.heard += 1;
      if (stanza.startsWith("<r ") && this.acknowledges)
        this.say(`<a xmlns="${MANAGEMENT}" h="${this.stream.heard}"/>`);
      if (stanza.includes("<stream:error")) this.ended = stanza;
      for (const listener of this.listeners) listener(stanza);
    });
    socket.on("close", () => (this.ended ||= "closed"));
    socket.on("error", () => (this.ended ||= "broken"));
  }

  static async enter(port: number, domain: string, login: Login): Promise<Person> {
    const { token, room, insteadOf } = login;
    const query = new URLSearchParams({
      ...(token && { token }),
      ...(room && { room }),
      ...(insteadOf && { previd: insteadOf.stream.id }),
      ...login.query,
    });
    const headers = { host: domain, "x-forwarded-for": login.address ?? "192.0.2.1" };
    const { through } = login;
    const place = through ? `wss://${through.address}` : `ws://127.0.0.1:${port}`;
    const trust = through && { ca: through.caPem, servername: domain };
    const options = { headers, perMessageDeflate: false, ...trust };
    const socket = new WebSocket(`${place}/xmpp-websocket?${query.toString()}`, ["xmpp"], options);
    const person = new Person(socket);
    person.acknowledges = login.acknowledges ?? true;
    if (login.hears) person.listen(login.hears);
    await new Promise((done, fail) => socket.once("open", done).once("error", fail));
    await person.logIn(login);
    return person;
  }

  private async logIn({ host, user, insteadOf }: Login): Promise<void> {
    const open = `<open xmlns="${FRAMING}" to="${host}" version="1.0"/>`;
    await this.ask(open, /<stream:features/);
    const plain = user && Buffer.from(`\0${user.name}\0${user.password}`).toString("base64");
    const mechanism = plain === undefined ? "ANONYMOUS" : "PLAIN";
    const auth = `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="${mechanism}">${plain ?? ""}</auth>`;
    const said = await this.ask(auth, /<success|<failure/);
    if (!said.includes("<success")) throw new Error(`no login: ${said}`);
    await this.ask(open, /<stream:features/);
    if (insteadOf !== undefined) {
      await this.resume(insteadOf);
      return;
    }
    const resource = user?.resource === undefined ? "" : `<resource>${user.resource}</resource>`;
    const bind = `<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">${resource}</bind>`;
    const bound = await this.ask(iq("set", "", bind, "bind"), /id=['"]bind/);
    this.jid = /<jid>([^<]+)/.exec(bound)?.[1] ?? "";
  }

  /** Has the server keep what is not confirmed, so that the stream can go on over another connection. */
  async keepStream(): Promise<void> {
    const enabled = await this.ask(`<enable xmlns="${MANAGEMENT}" resume="true"/>`, /<enabled|<failed/);
    this.stream = { id: / id=['"]([^'"]+)/.exec(enabled)?.[1] ?? "", heard: 0, said: 0 };
    if (this.stream.id === "") throw new Error(`no stream management: ${enabled}`);
  }

  /** What is sent again may come in the same moment, so it counts from here. */
  private async resume(before: Person): Promise<void> {
    this.stream = before.stream;
    const { id, heard } = before.stream;
    this.stream.said = heard;
    const request = `<resume xmlns="${MANAGEMENT}" previd="${id}" h="${heard}"/>`;
    const said = await this.ask(request, /<resumed|<failed/);
    if (!said.includes("<resumed")) throw new Error(`not resumed: ${said}`);
    this.jid = before.jid;
  }

  /** As if the last stanzas had not come. They can only come again if he has not acknowledged them. */
  misses(stanzas: number): void {
    this.stream.heard = Math.max(this.stream.said, this.stream.heard - stanzas);
  }

  say(text: string): void {
    this.socket.send(text);
  }

  /** Everything that arrives from now on, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The first stanza that matches after this has been said. */
  async ask(text: string, answer: RegExp, seconds = 20): Promise<string> {
    const heard = this.hears(answer, seconds);
    this.say(text);
    return heard;
  }

  async hears(wanted: RegExp, seconds = 20): Promise<string> {
    return new Promise((done, fail) => {
      const end = () => {
        clearTimeout(timer);
        clearInterval(watch);
        stop();
      };
      const give = (why: string) => {
        end();
        fail(new Error(`${this.jid} waits for ${wanted}: ${why}`));
      };
      const stop = this.listen((stanza) => {
        if (!wanted.test(stanza)) return;
        end();
        done(stanza);
      });
      const timer = setTimeout(() => {
        give("nothing came");
      }, 1000 * seconds);
      const watch = setInterval(() => {
        if (this.ended) give(this.ended);
      }, 50);
    });
  }

  /** What a query is answered with: the whole stanza. */
  async query(type: "get" | "set", to: string, inside: string): Promise<string> {
    const id = `q${(this.numbers += 1)}`;
    return this.ask(iq(type, to, inside, id), new RegExp(`<iq[^>]* id=['"]${id}['"]`));
  }

  /** Joins a room; resolves to the answer, an error as well. */
  async join(room: string, nick: string, more = ""): Promise<string> {
    const text = presence(`${room}/${nick}`, `<x xmlns="http://jabber.org/protocol/muc"/>${more}`);
    return this.ask(text, /<presence[^>]*type=['"]error|code=['"]110['"]/);
  }

  leave(): void {
    this.socket.terminate();
  }

  /** Counts how often something arrives on the connection from now on, whatever it holds. */
  countArrivals(): () => number {
    let count = 0;
    (this.socket as unknown as { _socket: Socket })._socket.on("data", () => (count += 1));
    return () => count;
  }

  /** As leave, in the middle of saying something: so many bytes of its frame have gone out. */
  async breakWithin(text: string, bytes: number): Promise<void> {
    const [payload, mask] = [Buffer.from(text), randomBytes(4)];
    const length = Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
    const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
    const frame = Buffer.concat([Buffer.from([0x81]), length, mask, masked]);
    const connection = (this.socket as unknown as { _socket: Socket })._socket;
    await new Promise((done) => connection.write(frame.subarray(0, bytes), done));
    await new Promise((done) => connection.once("close", done).end());
  }
}

export function iq(type: string, to: string, inside: string, id: string): string {
  return `<iq xmlns="jabber:client" type="${type}" id="${id}"${to && ` to="${to}"`}>${inside}</iq>`;
}

export function presence(to: string, inside = "", type = ""): string {
  return `<presence xmlns="jabber:client" to="${to}"${type && ` type="${type}"`}>${inside}</presence>`;
}

export function groupchat(room: string, text: string): string {
  return `<message xmlns="jabber:client" type="groupchat" to="${room}"><body>${text}</body></message>`;
}
