/**
 * Participants of one room, over the real websocket with a real library: `participants.mjs DOMAIN ADDRESS ROOM COUNT`.
 * With a further word `ask` each asks jicofo for the room first, over XMPP and through the client proxy, as apps do.
 * NODE_EXTRA_CA_CERTS names the authority; DOMAIN is looked up as ADDRESS. Prints one JSON line: who each one sees, in which
 * region Prosody says that each is, and the seconds until everybody saw everybody. A program of its own, since trust is decided when Node starts.
 */
import dns from "node:dns";
import { client, xml } from "@xmpp/client";
import { WebSocket } from "ws";

const LIMIT_SECONDS = 30;
const [domain, address, room, count, ask] = process.argv.slice(2);
const conference = `${room}@conference.${domain}`;

// Node 20 has none of its own.
globalThis.WebSocket = WebSocket;

const lookup = dns.lookup;
dns.lookup = (name, options, callback) => {
  const done = callback ?? options;
  if (name !== domain) return lookup(name, options, done);
  return options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4);
};

async function participant(nickname) {
  const xmpp = client({ service: `wss://${domain}/xmpp-websocket`, domain });
  const seen = new Map();
  // The library miscounts stanzas that arrive while stream management begins, and Prosody then ends the session.
  xmpp.prependListener("element", (element) => {
    element.children = element.children.filter(({ attrs }) => attrs?.xmlns !== "urn:xmpp:sm:3");
  });
  xmpp.on("stanza", (stanza) => {
    const [from, name] = (stanza.attrs.from ?? "").split("/");
    if (from === conference && stanza.attrs.type === "error") fail(`${nickname} is refused`);
    if (from === conference && stanza.is("presence") && !stanza.attrs.type)
      seen.set(name, stanza.getChildText("jitsi_participant_region"));
  });
  xmpp.on("error", (error) => fail(`${nickname}: ${error.message}`));
  await xmpp.start();
  if (ask === "ask") await askForRoom(xmpp, nickname);
  await xmpp.send(
    xml("presence", { to: `${conference}/${nickname}` }, xml("x", "http://jabber.org/protocol/muc")),
  );
  return { nickname, xmpp, seen };
}

async function askForRoom(xmpp, nickname) {
  const question = xml("conference", { xmlns: "http://jitsi.org/protocol/focus", room: conference });
  const answer = await xmpp.iqCaller.request(xml("iq", { type: "set", to: `focus.${domain}` }, question));
  const { ready } = answer.getChild("conference")?.attrs ?? {};
  if (ready !== "true") fail(`${nickname} asked jicofo for the room and got ${answer.toString()}`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

const started = Date.now();
const elapsed = () => (Date.now() - started) / 1000;
const nicknames = Array.from({ length: Number(count) }, (_, index) => `p${index + 1}`);
const all = await Promise.all(nicknames.map(participant));
while (!all.every(({ seen }) => nicknames.every((name) => seen.has(name)))) {
  if (elapsed() > LIMIT_SECONDS)
    fail(`not everybody sees everybody: ${JSON.stringify(all.map(({ seen }) => seen.size))}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const seconds = elapsed();
const sees = Object.fromEntries(all.map(({ nickname, seen }) => [nickname, [...seen.keys()].sort()]));
const regions = Object.fromEntries(nicknames.map((name) => [name, all[0].seen.get(name)]));
process.stdout.write(`${JSON.stringify({ seconds, sees, regions })}\n`);
await Promise.all(all.map(({ xmpp }) => xmpp.stop()));
process.exit(0);
