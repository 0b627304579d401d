import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { lua } from "../../services/escapers";
import { TEMPLATES } from "./prosodyLua";
import { freePort, megabytesOf, startProcess } from "./prosodyProcess";

/** Tells what a login has left at a session, for the test to read in the log. */
const SHOW_SESSION = `
local json = require "prosody.util.json"
module:hook("resource-bind", function (event)
  local seen = {}
  for key, value in pairs(event.session) do
    if type(key) == "string" and (key:find("^jitsi_meet") or key == "meet_token") then seen[key] = value end
  end
  module:log("info", "SESSION %s", json.encode(seen))
end)`;

/** A real Prosody 13 with hosts that take tokens. */
export interface TokenProsody {
  port: number;
  log: () => string;
  /** Megabytes in memory. */
  megabytes: () => number;
  /** It reads its configuration again, and has done so. */
  reload: () => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * Starts it in a folder.
 *
 * @param hosts name → lines of configuration, as the product renders them for its domain
 */
export async function startProsody(
  folder: string,
  authorities: string,
  hosts: Record<string, string>,
): Promise<TokenProsody> {
  const port = await freePort();
  mkdirSync(join(folder, "certs"));
  writeFileSync(join(folder, "mod_show_session.lua"), SHOW_SESSION);
  const host = ([name, lines]: [string, string]) => `
    VirtualHost ${lua(name)}
      authentication = "meet_token"
      modules_enabled = { "websocket", "show_session" }
      ${lines}
    Component ${lua(`conference.${name}`)} "muc"
      modules_enabled = { "token_rooms" }
      restrict_room_creation = false
      muc_room_locking = false
      muc_room_default_persistent = true`;
  const { pid, log, says, kill, stop } = await startProcess(
    folder,
    `run_as_root = true
    pidfile = ${lua(join(folder, "pid"))}
    data_path = ${lua(folder)}
    plugin_paths = { ${lua(TEMPLATES)}, ${lua(folder)} }
    log = { info = "*console" }
    modules_enabled = { "saslauth" }
    modules_disabled = { "s2s", "offline", "register", "tls", "posix" }
    c2s_ports = {}
    http_ports = { ${port} }
    http_interfaces = { "127.0.0.1" }
    https_ports = {}
    consider_websocket_secure = true
    trusted_proxies = { "127.0.0.1" }
    client_https_ssl = { cafile = ${lua(authorities)} }
    storage = "memory"
    ${Object.entries(hosts).map(host).join("\n")}
    `,
    "http",
  );
  const reload = async () => {
    const from = log().length;
    kill("SIGHUP");
    await says(/Reloading configuration/, from);
  };
  return { port, log, megabytes: () => megabytesOf(pid), reload, stop: () => stop() };
}

/** What came of a visit: "ok" or the condition of the refusal; text of the refusal; place in the room. */
export interface Visit {
  login: string;
  why?: string;
  join?: string;
  affiliation?: string;
  role?: string;
}

/** Logs in at a host with a token, from an address, and enters a room of it if one is named; `meanwhile` happens before it leaves. */
export async function visit(
  port: number,
  host: string,
  token: string | undefined,
  room?: string,
  address = "192.0.2.1",
  meanwhile?: () => Promise<unknown>,
): Promise<Visit> {
  const query = token === undefined ? "" : `?token=${encodeURIComponent(token)}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/xmpp-websocket${query}`, ["xmpp"], {
    headers: { host, "x-forwarded-for": address },
  });
  const talk = conversation(socket);
  const open = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${host}" version="1.0"/>`;
  try {
    await new Promise((done, fail) => socket.once("open", done).once("error", fail));
    await talk(open, /<\/stream:features>|<features/);
    const answer = await talk(
      '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>',
      /<success|<failure/,
    );
    if (!answer.includes("<success"))
      return {
        login: /<failure[^>]*><([\w-]+)/.exec(answer)?.[1] ?? answer,
        why: /<text>([^<]*)/.exec(answer)?.[1] ?? "",
      };
    await talk(open, /bind/);
    await talk(
      '<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
      /<jid>/,
    );
    const isIn = room === undefined ? {} : await joined(talk, `${room}@conference.${host}`);
    if (meanwhile) {
      await meanwhile();
      await talk('<iq xmlns="jabber:client" type="get" id="still"><query xmlns="any"/></iq>', /id=['"]still/);
    }
    return { login: "ok", ...isIn };
  } finally {
    socket.terminate();
  }
}

async function joined(talk: Talk, address: string): Promise<Partial<Visit>> {
  const presence = `<presence xmlns="jabber:client" to="${address}/me"><x xmlns="http://jabber.org/protocol/muc"/></presence>`;
  const answer = await talk(presence, /type=['"]error['"]|code=['"]110['"]/);
  const value = (name: string) => new RegExp(`${name}=['"](\\w+)['"]`).exec(answer)?.[1] ?? "";
  return /type=['"]error['"]/.test(answer)
    ? { join: /<error[^>]*><([\w-]+)/.exec(answer)?.[1] ?? answer }
    : { join: "ok", affiliation: value("affiliation"), role: value("role") };
}

/** Says something and waits until the answers together match. */
type Talk = (text: string, answer: RegExp) => Promise<string>;

function conversation(socket: WebSocket): Talk {
  let heard = "";
  let closed = false;
  socket.on("message", (data: Buffer) => (heard += data.toString()));
  socket.on("close", () => (closed = true));
  return async (text, answer) => {
    heard = "";
    socket.send(text);
    const deadline = Date.now() + 20_000;
    while (!answer.test(heard)) {
      if (closed || Date.now() > deadline) throw new Error(`after ${text}: ${heard}`);
      await new Promise((done) => setTimeout(done, 5));
    }
    return heard;
  };
}
