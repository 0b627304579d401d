import type { StandInFocus } from "./standInFocus";
import { iq } from "./person";

const JINGLE = "urn:xmpp:jingle:1";
const SSMA = "urn:xmpp:jingle:apps:rtp:ssma:0";

/** One source with its name and its stream id, as a page announces it. */
export function announcement(action: string, name: string, stream: string, ssrc: number): string {
  const source = `<source xmlns="${SSMA}" ssrc="${ssrc}" name="${name}"><parameter name="msid" value="${stream}"/></source>`;
  const description = `<description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio">${source}</description>`;
  return `<jingle xmlns="${JINGLE}" action="${action}" sid="s"><content creator="responder" name="audio">${description}</content></jingle>`;
}

/**
 * What the real jicofo does with sources: it refuses a stream id that somebody else has, looks at no name, and tells all others.
 */
export function handOnSources(jicofo: StandInFocus, occupants: () => string[]): void {
  const owners = new Map<string, string>();
  const value = (text: string, name: string) =>
    new RegExp(`[ \\w]${name}=['"]([^'"]*)`).exec(text)?.[1] ?? "";
  jicofo.person.listen((stanza) => {
    const [from, id] = [value(stanza, "from"), value(stanza, "id")];
    const source = /<source [^>]*\/>|<source .*?<\/source>/.exec(stanza)?.[0];
    if (!/^<iq[^>]*type=['"]set/.test(stanza) || source === undefined) return;
    const stream = /value=['"]([^'"]*)/.exec(source)?.[1] ?? "";
    if ((owners.get(stream) ?? from) !== from) {
      const condition = '<bad-request xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>';
      jicofo.person.say(iq("error", from, `<error type="cancel">${condition}</error>`, id));
      return;
    }
    owners.set(stream, from);
    const told = source.replace(
      /\/>$|<\/source>$/,
      (end) => `${end === "/>" ? ">" : ""}<ssrc-info owner="${from}"/></source>`,
    );
    const jingle = `<jingle xmlns="${JINGLE}" action="source-add" sid="s">${told}</jingle>`;
    for (const other of occupants().filter((occupant) => occupant !== from))
      jicofo.person.say(iq("set", other, jingle, `s${owners.size}`));
    jicofo.person.say(iq("result", from, "", id));
  });
}
