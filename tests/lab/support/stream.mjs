/**
 * jicofo's account at prosody-jvb with a real library that resumes its stream: `stream.mjs`, with
 * `{ port, domain, room, username, password }` on standard input. Enters the room as "focus" and stays until it is killed. Prints
 * a JSON line for each thing that happens: `{ event: "joined" | "lost" | "resumed" | "begun" }`, "begun" being a stream from the
 * start, or `{ event: "presence", of, type }`. NODE_EXTRA_CA_CERTS names the authority.
 */
import { readFileSync } from "node:fs";
import { client, xml } from "@xmpp/client";

const { port, domain, room, username, password } = JSON.parse(readFileSync(0, "utf8"));
/** Longer than the library waits for any one reply (2 s), and than a busy machine takes for a login. */
const STUCK_MILLISECONDS = 6000;
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const xmpp = client({ service: `xmpp://127.0.0.1:${port}`, domain, username, password, resource: "focus" });
xmpp.reconnect.delay = 500;
// The library tries again only from the state after a stream that ended, and each reply that a server on its way up or down leaves out
// can keep it in another one. jicofo's library gives such a stream up as well.
xmpp.on("error", () => undefined);
// A reply that such a server leaves out is a rejection of the library's that nobody can catch: this must not end with it.
process.on("unhandledRejection", (reason) => process.stderr.write(`${reason}\n`));
let changed = Date.now();
xmpp.on("status", () => {
  changed = Date.now();
});
setInterval(() => {
  if (xmpp.status === "online" || Date.now() - changed < STUCK_MILLISECONDS) return;
  changed = Date.now();
  // Over TLS the library puts one around the socket, without a destroy() of its own.
  const { socket } = xmpp;
  (socket?.socket ?? socket)?.destroy?.();
  xmpp.status = "disconnect";
  xmpp.reconnect.scheduleReconnect();
}, 500);
xmpp.on("disconnect", () => tell({ event: "lost" }));
xmpp.streamManagement.on("resumed", () => tell({ event: "resumed" }));
xmpp.on("online", () => tell({ event: "begun" }));
xmpp.on("stanza", (stanza) => {
  const [from, of] = (stanza.attrs.from ?? "").split("/");
  if (!stanza.is("presence") || from !== room) return;
  const codes = (stanza.getChild("x")?.getChildren("status") ?? []).map(({ attrs }) => attrs.code);
  if (codes.includes("110")) tell({ event: "joined" });
  else tell({ event: "presence", of, type: stanza.attrs.type ?? "available" });
});
xmpp.once("online", async () => {
  await xmpp.send(xml("presence"));
  await xmpp.send(xml("presence", { to: `${room}/focus` }, xml("x", "http://jabber.org/protocol/muc")));
});
// The first login may be the one that gets stuck.
await xmpp.start().catch((reason) => process.stderr.write(`${reason}\n`));
