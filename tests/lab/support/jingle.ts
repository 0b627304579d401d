import type { Element } from "../../../lab/xmpp/client";

const JINGLE = "urn:xmpp:jingle:1";
const RTP = "urn:xmpp:jingle:apps:rtp:1";
const SSMA = "urn:xmpp:jingle:apps:rtp:ssma:0";

/** Whose sources these are: the name in the room. Others are refused (mod_own_sources). */
export const SENDER = "participant";

/** A source with its SSRC, as clients announce it. */
export function source(ssrc: number): string {
  const stream = `<parameter name='msid' value='${SENDER}-audio-0-1 t'/>`;
  return `<source xmlns='${SSMA}' ssrc='${ssrc}' name='${SENDER}-a${ssrc}'>${stream}</source>`;
}

/** Two SSRCs that belong together: a picture and its retransmissions. */
export function group(...ssrcs: number[]): string {
  const members = ssrcs.map((ssrc) => `<source ssrc='${ssrc}'/>`).join("");
  return `<ssrc-group xmlns='${SSMA}' semantics='FID'>${members}</ssrc-group>`;
}

export function description(media: string, inside: string, more = ""): string {
  return `<description xmlns='${RTP}' media='${media}' ${more}><payload-type id='111'/>${inside}<rtcp-mux/></description>`;
}

export function content(name: string, inside: string, more = ""): string {
  return `<content creator='responder' name='${name}' senders='both' ${more}>${inside}<transport/></content>`;
}

/** An audio content as a browser's client makes it. */
export function audio(...ssrcs: number[]): string {
  return content("audio", description("audio", ssrcs.map(source).join("") + group(...ssrcs)));
}

/** A video content as a browser's client makes it. */
export function video(...ssrcs: number[]): string {
  return content("video", description("video", ssrcs.map(source).join("") + group(...ssrcs)));
}

export function jingle(action: string, inside: string): string {
  const bundle =
    "<group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'><content name='audio'/><content name='video'/></group>";
  return `<jingle xmlns='${JINGLE}' action='${action}' sid='s'>${bundle}${inside}</jingle>`;
}

/** Every SSRC that is said anywhere in an element, sorted, each once. */
export function ssrcsOf(element: Element): number[] {
  const found = new Set<number>();
  const open: Element[] = [element];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const ssrc = next.attrs["ssrc"] as string | undefined;
    if (ssrc !== undefined) found.add(Number(ssrc));
    open.push(...next.getChildElements());
  }
  return [...found].sort((a, b) => a - b);
}

/** An element as text that does not depend on how namespaces and attributes are written. */
export function canonical(element: Element): string {
  const attributes = Object.entries(element.attrs as Record<string, string>)
    .filter(([name]) => name !== "xmlns")
    .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
    .sort()
    .join("");
  const children = element.children.map((child) => (typeof child === "string" ? child : canonical(child)));
  return `<{${element.getNS() ?? ""}}${element.getName()}${attributes}>${children.join("")}</>`;
}
