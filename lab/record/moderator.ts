import { type Element, type Login, XmppClient } from "../xmpp/client";
import { ask, enter } from "../xmpp/room";

const JIBRI = "http://jitsi.org/protocol/jibri";
const NICKNAME = "one";

/** Nothing: an anonymous login. */
type Account = Pick<Login, "username" | "password">;

/** A moderator in a room, who may order a recording. */
export class Moderator {
  /** What was received before the last order is not about it. */
  private before = 0;

  private constructor(
    private readonly client: XmppClient,
    private readonly room: string,
  ) {}

  /**
   * Enters with an account of a moderator, or without one as the first, whom jicofo makes the moderator; `websocket` is the
   * address without a query.
   */
  static async enter(
    websocket: string,
    domain: string,
    name: string,
    account: Account = {},
  ): Promise<Moderator> {
    const client = await XmppClient.login(`${websocket}?room=${name}`, { domain, ...account });
    const room = `${name}@conference.${domain}`;
    const request = `<conference xmlns='http://jitsi.org/protocol/focus' room='${room}' machine-uid='${NICKNAME}'/>`;
    await ask(client, `focus.${domain}`, request, "set");
    await enter(client, room, NICKNAME);
    await client.wait(
      "role of a moderator",
      (stanza) =>
        stanza.attrs["from"] === `${room}/${NICKNAME}` && stanza.toString().includes('role="moderator"'),
    );
    return new Moderator(client, room);
  }

  /** Orders jicofo to start or stop; returns the answer as text. */
  async order(action: "start" | "stop"): Promise<string> {
    this.before = this.client.received.length;
    const words = `<jibri xmlns='${JIBRI}' action='${action}' recording_mode='file'/>`;
    return (await ask(this.client, `${this.room}/focus`, words, "set")).toString();
  }

  /** Waits until jicofo shows this state of the recording last ordered to everybody in the room. */
  async sees(status: "on" | "off"): Promise<void> {
    await this.client.wait(`status ${status}`, (stanza) => this.shows(stanza, status), this.before);
  }

  /** Whether jicofo has shown this state of the recording last ordered. */
  hasSeen(status: "on" | "off"): boolean {
    return this.client.received.slice(this.before).some((stanza) => this.shows(stanza, status));
  }

  /** Whether the session goes on. */
  get isIn(): boolean {
    return this.client.isOnline;
  }

  private shows(stanza: Element, status: "on" | "off"): boolean {
    const shown = stanza.getChild("jibri-recording-status", JIBRI);
    return stanza.attrs["from"] === `${this.room}/focus` && shown?.attrs["status"] === status;
  }

  async leave(): Promise<void> {
    await this.client.stop();
  }
}
