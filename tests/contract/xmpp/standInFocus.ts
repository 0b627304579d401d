import { type MainProsody, PASSWORD } from "./mainProsody";
import { iq, Person, presence } from "./person";

/** How long jicofo waits for somebody in a room that it was asked for, shortened. */
const PATIENCE_MILLISECONDS = 400;

/**
 * jicofo as far as it matters who may ask it what: it joins every room that somebody asks it for, whatever the room is, and
 * leaves it when no participant comes; one that it was in before as well, as the real one does with a brewery.
 */
export class StandInFocus {
  /** The rooms of the requests that have reached it, in order. */
  readonly asked: string[] = [];

  private constructor(readonly person: Person) {
    person.listen((stanza) => {
      this.hear(stanza);
    });
  }

  static async start({ port }: MainProsody, domain: string, auth: string): Promise<StandInFocus> {
    const user = { name: "focus", password: PASSWORD, resource: "focus" };
    const person = await Person.enter(port, domain, { host: auth, user });
    // The client proxy hands requests to whom it has seen.
    person.say('<presence xmlns="jabber:client"/>');
    return new StandInFocus(person);
  }

  private hear(stanza: string): void {
    const value = (name: string) => new RegExp(` ${name}=['"]([^'"]*)`).exec(stanza)?.[1] ?? "";
    const request = /<conference [^>]*/.exec(stanza)?.[0];
    if (!stanza.startsWith("<iq") || !/ type=['"]set/.test(stanza) || request === undefined) return;
    const room = / room=['"]([^'"]*)/.exec(request)?.[1] ?? "";
    this.asked.push(room);
    this.person.say(presence(`${room}/focus`, '<x xmlns="http://jabber.org/protocol/muc"/>'));
    const ready = `<conference xmlns="http://jitsi.org/protocol/focus" ready="true" room="${room}"/>`;
    this.person.say(iq("result", value("from"), ready, value("id")));
    setTimeout(() => {
      // A test may have ended meanwhile, and Prosody with it.
      this.giveUp(room).catch(() => undefined);
    }, PATIENCE_MILLISECONDS);
  }

  /** Leaves unless a participant is there: somebody whose name is eight digits. */
  private async giveUp(room: string): Promise<void> {
    const items = '<query xmlns="http://jabber.org/protocol/disco#items"/>';
    const said = await this.person.query("get", room, items);
    if (!/jid=['"][^'"]*\/[0-9a-f]{8}['"]/.test(said))
      this.person.say(presence(`${room}/focus`, "", "unavailable"));
  }
}
