/**
 * Occupants of the brewery, over the real port with verified TLS and a real library: `brewery.mjs`, with
 * `{ port, domain, room, updates, occupants: [{ nickname, username, password }] }` on standard input. They come in one after
 * the other, the first one as the observer; each other one then announces itself `updates` times. Prints one JSON line:
 * receiver → nickname → presences that the receiver got about it, counted from the receiver's own join until everybody had an
 * answer to a last question. NODE_EXTRA_CA_CERTS names the authority; a program of its own, since trust is decided when Node starts.
 */
import { readFileSync } from "node:fs";
import { client, xml } from "@xmpp/client";

const LIMIT_SECONDS = 20;
const { port, domain, room, updates, occupants } = JSON.parse(readFileSync(0, "utf8"));
const STATS = "http://jitsi.org/protocol/colibri";

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

async function until(what, isTrue) {
  for (let tries = 0; !isTrue(); tries += 1) {
    if (tries > LIMIT_SECONDS * 50) fail(`not within ${LIMIT_SECONDS} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a bridge's presence looks like; jicofo takes no bridge for its own that drains. */
function announcement(nickname, ...more) {
  const stat = (name, value) => xml("stat", { name, value });
  const stats = [
    stat("drain", "true"),
    stat("healthy", "true"),
    stat("version", "probe"),
    stat("relay_id", nickname),
  ];
  return xml("presence", { to: `${room}/${nickname}` }, xml("stats", { xmlns: STATS }, ...stats), ...more);
}

async function enter({ nickname, username, password }) {
  const xmpp = client({
    service: `xmpp://127.0.0.1:${port}`,
    domain,
    username,
    password,
    resource: nickname,
  });
  const heard = {};
  const codes = new Set();
  xmpp.on("error", (error) => fail(`${nickname}: ${error.message}`));
  xmpp.on("stanza", (stanza) => {
    const [from, about] = (stanza.attrs.from ?? "").split("/");
    if (!stanza.is("presence") || from !== room) return;
    if (stanza.attrs.type === "error") fail(`${nickname} is refused: ${stanza}`);
    heard[about] = (heard[about] ?? 0) + 1;
    for (const { attrs } of stanza.getChild("x")?.getChildren("status") ?? []) codes.add(attrs.code);
  });
  await xmpp.start();
  const announced =
    nickname === occupants[0].nickname
      ? xml("presence", { to: `${room}/${nickname}` })
      : announcement(nickname);
  announced.append(xml("x", "http://jabber.org/protocol/muc"));
  await xmpp.send(announced);
  await until(`${nickname} learns that it is in`, () => codes.has("110"));
  return { nickname, xmpp, heard };
}

const all = [];
for (const occupant of occupants) all.push(await enter(occupant));
const [observer, ...bridges] = all;
for (let update = 0; update < updates; update += 1) {
  await Promise.all(bridges.map(({ xmpp, nickname }) => xmpp.send(announcement(nickname))));
}
await until("the observer hears everything", () =>
  bridges.every(({ nickname }) => observer.heard[nickname] === updates + 1),
);
// Answers come after whatever was sent before them.
const ping = () => xml("iq", { type: "get", to: domain }, xml("ping", "urn:xmpp:ping"));
await Promise.all(all.map(({ xmpp }) => xmpp.iqCaller.request(ping())));
process.stdout.write(
  `${JSON.stringify(Object.fromEntries(all.map(({ nickname, heard }) => [nickname, heard])))}\n`,
);
await Promise.all(all.map(({ xmpp }) => xmpp.stop()));
process.exit(0);
