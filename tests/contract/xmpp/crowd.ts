import type { MainProsody } from "./mainProsody";
import { iq, Person, presence } from "./person";

/** One of those in a room, and how many stanzas about others have come. */
export interface Occupant {
  person: Person;
  nick: string;
}

/** What a page says of itself: some 800 bytes. */
export function state(turn: number, hand = ""): string {
  return [
    `<c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://jitsi.org/jitsi-meet" ver="4PRVDQyZ9J2yOEFqmH+CiEpWSfU="/>`,
    `<nick xmlns="http://jabber.org/protocol/nick">Somebody ${"x".repeat(400)}</nick>`,
    `<audiomuted xmlns="http://jitsi.org/jitmeet/audio">${turn % 2 === 0}</audiomuted>`,
    `<jitsi_participant_raisedHand>${hand}</jitsi_participant_raisedHand><turn>${turn}</turn>`,
  ].join("");
}

/** People who come into a room from an address each, or all from one. */
export async function fill(
  { port }: MainProsody,
  domain: string,
  room: string,
  count: number,
  address?: string,
): Promise<Occupant[]> {
  const all: Occupant[] = [];
  for (let number = 1; number <= count; number += 1) {
    const from = address ?? `198.51.${number >> 8}.${number & 255}`;
    const person = await Person.enter(port, domain, { host: domain, address: from });
    const nick = number.toString(16).padStart(8, "0");
    const answer = await person.join(room, nick, state(0));
    if (answer.includes("error")) throw new Error(answer);
    all.push({ person, nick });
  }
  return all;
}

/** Asks the server something again and again; returns what tells the longest wait so far, in milliseconds. */
export function watchWaits(person: Person, domain: string): () => Promise<number> {
  const ping = '<ping xmlns="urn:xmpp:ping"/>';
  let longest = 0;
  const watch = { isOver: false };
  const watching = (async () => {
    for (let number = 1; !watch.isOver; number += 1) {
      const sent = Date.now();
      await person.ask(iq("get", domain, ping, `p${number}`), new RegExp(` id=['"]p${number}['"]`), 90);
      longest = Math.max(longest, Date.now() - sent);
      await new Promise((done) => setTimeout(done, 20));
    }
  })();
  return async () => {
    watch.isOver = true;
    await watching;
    return longest;
  };
}

/** Presences of somebody who only wants to cost something. */
export function noise(room: string, nick: string, count: number): string[] {
  return Array.from({ length: count }, (_, turn) => presence(`${room}/${nick}`, `<turn>${turn}</turn>`));
}
