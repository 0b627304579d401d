import { type Element, XmppClient } from "../../../lab/xmpp/client";
import { enter, MUC, query } from "../../../lab/xmpp/room";

/** Somebody in a room, as a page is: the name of the room is in the address of the websocket. */
export interface Occupant {
  client: XmppClient;
  nickname: string;
}

/** Rooms of a deployment's main Prosody, with ourselves in jicofo's place. */
export class Conferences {
  private readonly clients: XmppClient[] = [];
  private constructor(
    private readonly websocket: string,
    readonly domain: string,
    private readonly focus: XmppClient,
  ) {
    this.clients.push(focus);
  }

  /** Logs in as jicofo; `websocket` is the address without a query. */
  static async open(websocket: string, domain: string, focusPassword: string): Promise<Conferences> {
    const login = { domain: `auth.${domain}`, username: "focus", password: focusPassword };
    const focus = await XmppClient.login(websocket, login);
    await focus.send("<presence xmlns='jabber:client'/>");
    return new Conferences(websocket, domain, focus);
  }

  /** A client that names the room as a page does, and is not in it yet. */
  async visitor(room: string): Promise<XmppClient> {
    const client = await XmppClient.login(`${this.websocket}?room=${room}`, { domain: this.domain });
    this.clients.push(client);
    return client;
  }

  /** A room with jicofo in it and one moderator. */
  async room(name: string): Promise<Occupant> {
    await this.letFocusIn(`${name}@conference.${this.domain}`);
    const moderator = await this.join(name, "moderator");
    const jid = moderator.client.address.split("/")[0] ?? "";
    const item = `<item affiliation='owner' jid='${jid}'/>`;
    await this.focus.send(
      query(`${name}@conference.${this.domain}`, `<query xmlns='${MUC}#admin'>${item}</query>`),
    );
    const own = `${name}@conference.${this.domain}/moderator`;
    await moderator.client.wait(
      "role of a moderator",
      (stanza) => stanza.attrs["from"] === own && stanza.toString().includes('role="moderator"'),
    );
    return moderator;
  }

  /** jicofo enters a room, and thereby makes it. */
  async letFocusIn(room: string): Promise<void> {
    await enter(this.focus, room, "focus");
  }

  async join(room: string, nickname: string): Promise<Occupant> {
    const client = await this.visitor(room);
    const answer = await enter(client, `${room}@conference.${this.domain}`, nickname);
    if (answer.attrs["type"] === "error") throw new Error(`${nickname} was refused: ${answer.toString()}`);
    return { client, nickname };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.clients.map((client) => client.stop()));
  }
}

/** Sends a message to a component of the deployment. */
export async function tell(client: XmppClient, to: string, inside: string): Promise<void> {
  await client.send(`<message xmlns='jabber:client' to='${to}'>${inside}</message>`);
}

/** What Jitsi's components say, as JSON in a message. */
export async function heard(
  client: XmppClient,
  what: string,
  wanted: (said: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  const read = (stanza: Element) => stanza.is("message") && said(stanza);
  const stanza = await client.wait(what, (one) => {
    const value = read(one);
    return value !== false && value !== undefined && wanted(value);
  });
  return said(stanza) ?? {};
}

function said(stanza: Element): Record<string, unknown> | undefined {
  const text = stanza.getChildText("json-message");
  return text === null ? undefined : (JSON.parse(text) as Record<string, unknown>);
}
