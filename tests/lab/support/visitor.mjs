/**
 * One visitor of a deployment, over the real websocket with a real library. Reads JSON on stdin: `host` (the page's name, looked
 * up as `address`), `domain` (where to log in), `username` and `password` or nothing for an anonymous login, `token`, `room`,
 * and `deeds`, done in their order:
 *
 *   request              asks jicofo for the room, through the client proxy; `session` and `machine` are sent if they are there
 *   request until ready  the same again and again for up to 20 s, as the page does while it waits
 *   join                 enters the room
 *   owner                waits until it is an owner
 *   make-owner           asks the room to make itself an owner
 *   video                announces a video source to the room's focus
 *   stay N               stays for N seconds, unless it is thrown out
 *
 * Prints one JSON line of what came of it. NODE_EXTRA_CA_CERTS names the authority; a program of its own, since trust is
 * decided when Node starts.
 */
import dns from "node:dns";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { client, xml } from "@xmpp/client";
import { WebSocket } from "ws";

const FOCUS = "http://jitsi.org/protocol/focus";
const MUC = "http://jabber.org/protocol/muc";
const WAIT_SECONDS = 20;
const visitor = JSON.parse(readFileSync(0, "utf8"));
const { host, address, domain, username, password, token, room, deeds, session, machine } = visitor;
const conference = `${room}@conference.${host}`;
const nickname = username ?? `g${process.pid}`;
const result = {};

globalThis.WebSocket = WebSocket;
const lookup = dns.lookup;
dns.lookup = (name, options, callback) => {
  const done = callback ?? options;
  if (name !== host) return lookup(name, options, done);
  return options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4);
};

const query = token === undefined ? "" : `?room=${room}&token=${token}`;
const credentials = username === undefined ? {} : { username, password };
const xmpp = client({ service: `wss://${host}/xmpp-websocket${query}`, domain, ...credentials });
xmpp.reconnect.stop();
// The library miscounts stanzas that arrive while stream management begins, and Prosody then ends the session.
xmpp.prependListener("element", (element) => {
  element.children = element.children.filter(({ attrs }) => attrs?.xmlns !== "urn:xmpp:sm:3");
});
xmpp.on("error", () => undefined);
let leaves = false;
xmpp.on("disconnect", () => {
  if (!leaves) result.thrownOut = true;
});
let own;
xmpp.on("stanza", (stanza) => {
  if (!stanza.is("presence") || (stanza.attrs.from ?? "").split("/")[0] !== conference) return;
  if (stanza.attrs.type === "error") result.join = conditionOf(stanza);
  const x = stanza.getChild("x", `${MUC}#user`);
  if (!x || !x.getChildren("status").some(({ attrs }) => attrs.code === "110")) return;
  own = x.getChild("item").attrs;
  if (stanza.attrs.type === undefined) result.join = "ok";
});

const conditionOf = (stanza) => stanza.getChild("error")?.children.find(({ name }) => name !== "text")?.name;

async function until(holds, seconds = WAIT_SECONDS) {
  const end = Date.now() + seconds * 1000;
  while (!holds() && Date.now() < end) await pause(20);
  return holds();
}

async function request() {
  const ids = { "machine-uid": machine ?? "machine-of-a-visitor", ...(session && { "session-id": session }) };
  const question = xml("conference", { xmlns: FOCUS, room: conference, ...ids });
  try {
    const answer = await xmpp.iqCaller.request(xml("iq", { type: "set", to: `focus.${host}` }, question));
    const { attrs } = answer.getChild("conference", FOCUS);
    if (attrs["session-id"]) result.session = attrs["session-id"];
    result.request = attrs.ready === "true" ? "ready" : "not ready";
  } catch (error) {
    result.request = error.condition ?? error.message;
  }
}

const DEEDS = {
  request,
  "request until ready": async () => {
    const end = Date.now() + WAIT_SECONDS * 1000;
    do await request();
    while (result.request !== "ready" && Date.now() < end && (await pause(300)) === undefined);
  },
  join: async () => {
    await xmpp.send(xml("presence", { to: `${conference}/${nickname}` }, xml("x", MUC)));
    await until(() => result.join !== undefined);
  },
  owner: () => until(() => own?.affiliation === "owner"),
  "make-owner": async () => {
    const item = xml("item", { affiliation: "owner", jid: xmpp.jid.bare().toString() });
    const grant = xml("iq", { type: "set", to: conference }, xml("query", { xmlns: `${MUC}#admin` }, item));
    try {
      await xmpp.iqCaller.request(grant);
      result.grant = "ok";
    } catch (error) {
      result.grant = error.condition ?? error.message;
    }
  },
  video: () => xmpp.send(videoSource()),
  stay: (seconds) => until(() => result.thrownOut === true, Number(seconds)),
};

function videoSource() {
  const source = xml("source", { xmlns: "urn:xmpp:jingle:apps:rtp:ssma:0", ssrc: "1234", name: "v0" });
  const description = xml("description", { xmlns: "urn:xmpp:jingle:apps:rtp:1", media: "video" }, source);
  const jingle = { xmlns: "urn:xmpp:jingle:1", action: "source-add", sid: "s" };
  const content = xml("content", { name: "video", creator: "initiator" }, description);
  return xml("iq", { type: "set", id: "video", to: `${conference}/focus` }, xml("jingle", jingle, content));
}

try {
  await xmpp.start();
  result.login = "ok";
} catch (error) {
  result.login = error.condition ?? error.message;
}
if (result.login === "ok") {
  for (const deed of deeds) {
    const [name, seconds] = deed.startsWith("stay ") ? deed.split(" ") : [deed];
    await DEEDS[name](seconds);
  }
  if (own) Object.assign(result, { affiliation: own.affiliation, role: own.role });
  leaves = true;
  if (result.thrownOut !== true) await xmpp.stop();
}
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
