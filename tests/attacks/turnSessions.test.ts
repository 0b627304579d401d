import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Browser, type DoorProsody, startProsody } from "../contract/doorProsody";
import { content } from "../contract/files";
import { isThere } from "../contract/programs";
import { NEEDS_PROSODY, PROSODY_LUA } from "../contract/prosodyLua";

/** Does what Jitsi's settings of a room do: it tells where TURN is to whoever is about to see himself in a room. */
const PUSH = `
local st, filters = require "prosody.util.stanza", require "prosody.util.filters"
local external = module:depends("external_services")
local get_services = external.get_services
filters.add_filter_hook(function (session)
  filters.add_filter(session, "stanzas/out", function (stanza, receiver)
    if stanza.name == "presence" and stanza:get_child("x", "http://jabber.org/protocol/muc#user") then
      for _, service in ipairs(get_services()) do
        module:send(st.message({ from = module.host, to = receiver.full_jid }):tag("pushed",
          { xmlns = "urn:test", username = service.username, password = service.password }):up())
      end
    end
    return stanza
  end, -3)
end)`;

const TURN = /^external_service_secret = [^]*?^\}\n/m;

let folder: string;
let prosody: DoorProsody;

/** The rendered lines, on a host of participants and on a component that pushes; without the module: names as Prosody makes them. */
async function start(withWords: boolean): Promise<void> {
  writeFileSync(join(folder, "secret"), "First");
  const [rendered = ""] = TURN.exec(content("/etc/prosody/prosody.cfg.lua")) ?? [];
  const lines = rendered
    .replace("/etc/audio-meet/secrets/turn", join(folder, "secret"))
    .replace(/FileLine\(.*\)/, `FileLine("${join(folder, "secret")}")`);
  const modules = `"external_services", "turn_secret", ${withWords ? '"turn_sessions"' : ""}`;
  prosody = await startProsody(
    folder,
    `${withWords ? lines : lines.replace("turn_services", "external_services").replace(/ttl = /g, 'secret = true, algorithm = "turn", ttl = ')}
    VirtualHost "meet.example.org"
      authentication = "anonymous"
      modules_enabled = { "websocket", ${modules} }
    Component "conference.meet.example.org" "muc"
      muc_room_locking = false
    Component "metadata.meet.example.org" "push"
      modules_enabled = { ${modules} }`,
    {},
    { "mod_push.lua": PUSH },
  );
}

interface Name {
  seconds: number;
  word: string | undefined;
  /** The secret that its password is made from. */
  secret: string | undefined;
}

/** Names in an answer or a push. */
function names(text: string): Name[] {
  return [...text.matchAll(/<(?:service|pushed) [^>]*>/g)].map(([tag]) => {
    const value = (key: string) => new RegExp(`${key}=['"]([^'"]*)`).exec(tag)?.[1] ?? "";
    const made = (secret: string) => createHmac("sha1", secret).update(value("username")).digest("base64");
    const [seconds, word] = value("username").split(":");
    return {
      seconds: Number(seconds) - Math.floor(Date.now() / 1000),
      word,
      secret: ["First", "Second"].find((secret) => made(secret) === value("password")),
    };
  });
}

async function participant(): Promise<Browser> {
  const browser = await Browser.open(prosody, "meet.example.org", "192.0.2.1");
  await browser.anonymous();
  return browser;
}

const asked = async (browser: Browser, id: string) =>
  names(
    await browser.ask(
      `<iq xmlns="jabber:client" type="get" id="${id}" to="meet.example.org"><services xmlns="urn:xmpp:extdisco:2"/></iq>`,
      /<\/iq>/,
    ),
  );

const pushed = async (browser: Browser, room: string, nick = "me") =>
  names(
    await browser.ask(
      `<presence xmlns="jabber:client" to="${room}@conference.meet.example.org/${nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
      /code=['"]110/,
    ),
  );

const canRun = [NEEDS_PROSODY, PROSODY_LUA].every(isThere);
const group = canRun ? describe : describe.skip;

group(canRun ? "names for TURN" : "names for TURN (skipped: needs Prosody 13)", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "contract-"));
  });

  afterEach(async () => {
    await prosody.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("each session has one word of its own in all of them, asked for or told on entering a room", async () => {
    await start(true);
    const [anna, bert] = [await participant(), await participant()];
    const ofAnna = [await asked(anna, "1"), await pushed(anna, "tea"), await asked(anna, "2")].flat();
    const ofBert = [await pushed(bert, "tea", "bert"), await asked(bert, "1")].flat();
    expect(ofAnna).toHaveLength(9);
    const words = (all: Name[]) => [...new Set(all.map(({ word }) => word))];
    expect([words(ofAnna).length, words(ofBert).length]).toEqual([1, 1]);
    expect(words(ofAnna)[0]).toMatch(/^[\w-]{12}$/);
    expect(words(ofAnna)).not.toEqual(words(ofBert));
    for (const { secret, seconds } of [...ofAnna, ...ofBert]) {
      expect(secret).toBe("First");
      expect(Math.abs(seconds - 12 * 3600)).toBeLessThan(5);
    }
  }, 60_000);

  test("without the module everybody of one second is one user, and nobody of the next", async () => {
    await start(false);
    const browser = await participant();
    const all = [await asked(browser, "1"), await pushed(browser, "tea")].flat();
    expect(all.map(({ word }) => word)).toEqual(Array(6).fill(undefined));
  }, 60_000);

  test("another secret is taken up by a reload, and the words stay", async () => {
    await start(true);
    const browser = await participant();
    const before = await asked(browser, "1");
    writeFileSync(join(folder, "secret"), "Second");
    await prosody.reload();
    const after = [
      await asked(browser, "2"),
      await pushed(browser, "tea"),
      await pushed(await participant(), "cake"),
    ];
    // What pushes has loaded anew as well, and pushes twice to whoever comes after that.
    expect([...new Set(after.flat().map(({ secret }) => secret))]).toEqual(["Second"]);
    expect(after.every((all) => all.length >= 3)).toBe(true);
    expect(after[0]?.[0]?.word).toBe(before[0]?.word);
    expect(after[1]?.[0]?.word).toBe(before[0]?.word);
    expect(after[2]?.[0]?.word).not.toBe(before[0]?.word);
  }, 60_000);
});
