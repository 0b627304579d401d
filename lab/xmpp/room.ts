import type { Element, XmppClient } from "./client";

/** Namespace of rooms. */
export const MUC = "http://jabber.org/protocol/muc";

let sent = 0;

/** The text of a query. */
export function query(to: string, inside: string, type: "set" | "get" = "set"): string {
  return `<iq xmlns='jabber:client' type='${type}' id='q${(sent += 1)}' to='${to}'>${inside}</iq>`;
}

/** Sends a query and waits for its answer. */
export async function ask(client: XmppClient, to: string, inside: string, type: "set" | "get" = "get") {
  const text = query(to, inside, type);
  const id = `q${sent}`;
  await client.send(text);
  return client.wait(`answer to ${id}`, (stanza) => stanza.is("iq") && stanza.attrs["id"] === id);
}

/** Asks to be let in, with a name to be shown; returns the presence of its own, or the refusal. */
export async function enter(client: XmppClient, room: string, nickname: string): Promise<Element> {
  const name = `<nick xmlns='http://jabber.org/protocol/nick'>${nickname}</nick>`;
  const from = client.received.length;
  await client.send(
    `<presence xmlns='jabber:client' to='${room}/${nickname}'><x xmlns='${MUC}'/>${name}</presence>`,
  );
  const own = (stanza: Element) => stanza.is("presence") && stanza.attrs["from"] === `${room}/${nickname}`;
  return client.wait(`presence of its own in ${room}`, own, from);
}
