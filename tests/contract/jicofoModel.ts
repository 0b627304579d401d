/** An XML element with its namespace resolved. An attribute of another namespace is keyed "<namespace>|<name>". */
export interface Xml {
  name: string;
  ns: string;
  attrs: Record<string, string>;
  children: Xml[];
}

export const JINGLE = "urn:xmpp:jingle:1";
export const RTP = "urn:xmpp:jingle:apps:rtp:1";
export const SSMA = "urn:xmpp:jingle:apps:rtp:ssma:0";

/** What jicofo has parsers for, as far as it matters here; it walks through everything else. */
const KNOWN = new Set([
  `${RTP}|description`,
  `${RTP}|payload-type`,
  `${SSMA}|source`,
  `${SSMA}|ssrc-group`,
  `${SSMA}|rid-group`,
]);

type Event = { start: Xml } | { end: string };

/** Reads a query as jicofo does, and returns what it would take for a source, or a group of sources, that is not audio. */
export function notAudio(iq: Xml): Xml[] {
  const jingles: { action: string | undefined; contents: Xml[] }[] = [];
  const events = eventsOf(iq);
  for (let event = events.shift(); event !== undefined; event = events.shift()) {
    if (!("start" in event) || event.start.name !== "jingle" || event.start.ns !== JINGLE) continue;
    jingles.push({ action: event.start.attrs["action"], contents: contentsOf(events) });
  }
  return jingles
    .filter(({ action }) => /^(session-accept|transport-accept|source-add|addsource)$/.test(action ?? ""))
    .flatMap(({ contents }) => contents.flatMap(sourcesOf));
}

function eventsOf(element: Xml): Event[] {
  return [{ start: element }, ...element.children.flatMap(eventsOf), { end: element.name }];
}

/** A query's contents, up to the first end tag named "jingle". */
function contentsOf(events: Event[]): Xml[] {
  const contents: Xml[] = [];
  for (let event = events.shift(); event !== undefined; event = events.shift()) {
    if ("start" in event) {
      if (event.start.name === "content") contents.push(extension(event.start, events));
      else if (KNOWN.has(`${event.start.ns}|${event.start.name}`)) extension(event.start, events);
    } else if (event.end === "jingle") break;
  }
  return contents;
}

/** One element up to the first end tag of its name in any namespace, with the known elements on the way as its children. */
function extension({ name, ns, attrs }: Xml, events: Event[]): Xml {
  const children: Xml[] = [];
  for (let event = events.shift(); event !== undefined; event = events.shift()) {
    if (!("start" in event)) {
      if (event.end === name) break;
    } else if (KNOWN.has(`${event.start.ns}|${event.start.name}`)) {
      children.push(extension(event.start, events));
    }
  }
  return { name, ns, attrs, children };
}

function sourcesOf(content: Xml): Xml[] {
  const description = content.children.find(({ name }) => name === "description");
  const isAudio = description ? says(description, "media") : says(content, "name");
  const within = [...(description?.children ?? []), ...content.children];
  return isAudio ? [] : within.filter(({ name }) => ["source", "ssrc-group", "rid-group"].includes(name));
}

/** Whether every attribute of that local name says audio: which one of several counts depends on their order. */
function says({ attrs }: Xml, key: string): boolean {
  const values = Object.entries(attrs).filter(([name]) => name.split("|").at(-1) === key);
  return values.length > 0 && values.every(([, value]) => value === "audio");
}
