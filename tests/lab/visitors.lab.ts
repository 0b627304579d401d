import { setTimeout as pause } from "node:timers/promises";
import { Person } from "../contract/xmpp/person";
import { oneMachine } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { until } from "./support/until";

const DOMAIN = "visitors.audio-meet.test";
const CONFERENCE = `conference.${DOMAIN}`;
const ROOM = `hall@${CONFERENCE}`;
const SPEAKERS = 2;
const NODES = ["v1", "v2"];

const stack = new LabStack(
  "visitors",
  oneMachine(DOMAIN, { "jitsi:audience": { participants: 1100, speakers: SPEAKERS } }),
);
const people: Person[] = [];
/** The node that carries the visitors of the room. */
let carrier = "";
let through: { address: string; caPem: string };

/** Somebody at the main Prosody, or at a node that the page names. */
async function come(vnode?: string): Promise<Person> {
  const host = vnode === undefined ? DOMAIN : `${vnode}.meet.jitsi`;
  const query = vnode === undefined ? {} : { vnode };
  const person = await Person.enter(443, DOMAIN, { host, through, room: "hall", query });
  people.push(person);
  return person;
}

/** Asks jicofo for the room as a page does; to which node it sends, if to any. */
async function askFor(person: Person): Promise<string | undefined> {
  const version = '<property xmlns="http://jitsi.org/protocol/focus" name="visitors-version" value="1"/>';
  const request = `<conference xmlns="http://jitsi.org/protocol/focus" room="${ROOM}">${version}</conference>`;
  const answer = await person.query("set", `focus.${DOMAIN}`, request);
  return /vnode=['"](\w+)/.exec(answer)?.[1];
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  const { caPem, dns } = await stack.outputs<{ caPem: string; dns: Record<string, string> }>();
  through = { address: dns[DOMAIN] ?? "", caPem };
});

afterAll(async () => {
  for (const person of people) person.leave();
  await stack.close();
});

test("the nodes run, and another up changes nothing", async () => {
  const units = NODES.map((id) => `prosody-${id}`).join(" ");
  expect((await stack.on("core", `systemctl is-active ${units}`)).trim().split("\n")).toEqual(
    NODES.map(() => "active"),
  );
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("whoever comes after those who may speak is sent to a node, listens there, and is seen by nobody else", async () => {
  const [anna, ben] = [await come(), await come()];
  const heard: string[] = [];
  anna.listen((stanza) => heard.push(stanza));
  for (const [person, nick] of [
    [anna, "0000000a"],
    [ben, "0000000b"],
  ] as const) {
    expect(await askFor(person)).toBeUndefined();
    expect(await person.join(ROOM, nick)).not.toMatch(/type=['"]error/);
  }
  const visitors: Person[] = [];
  for (const nick of ["0000000c", "0000000d"]) {
    const outside = await come();
    const vnode = await askFor(outside);
    expect(NODES).toContain(vnode);
    expect(await outside.join(ROOM, nick)).toMatch(/type=['"]error[^]*not-allowed/);
    carrier = vnode ?? "";
    const visitor = await come(vnode);
    const told: string[] = [];
    visitor.listen((stanza) => told.push(stanza));
    const hall = `hall@conference.${vnode}.meet.jitsi`;
    expect(await visitor.join(hall, nick)).toMatch(/role=['"]visitor/);
    // The link to the node may have begun with this visitor.
    const shown = () => told.filter((stanza) => /^<presence[^>]*hall@conference\.v/.test(stanza)).join("\n");
    const end = Date.now() + 5_000;
    while (!(/\/0000000a/.test(shown()) && /\/0000000b/.test(shown()))) {
      if (Date.now() > end) throw new Error(`${nick} does not see both who speak: ${shown()}`);
      await pause(100);
    }
    const others = shown();
    visitors.push(visitor);
    if (nick === "0000000d") expect(others).not.toMatch(/\/0000000c/);
  }
  expect(heard.filter((stanza) => /0000000[cd]/.test(stanza))).toEqual([]);
});

test("a node that is killed is back within seconds, jicofo with it, and visitors of the same room get in again", async () => {
  await stack.on("core", `systemctl kill --signal=KILL prosody-${carrier}`);
  const shell = `timeout 20 prosodyctl --config /etc/prosody-${carrier}/prosody.cfg.lua shell c2s show`;
  const isBack = async () =>
    (await stack.on("core", `${shell} </dev/null 2>&1 || true`)).includes(`focus@auth.${carrier}.meet.jitsi`);
  await until("jicofo is back at the node", 30, isBack);
  // jicofo hears within a moment that the room is gone; who is sent there before is turned away, and asks again as a page does.
  let joined = "";
  for (let tries = 0; tries < 3 && !/role=['"]visitor/.test(joined); tries += 1) {
    const vnode = await askFor(await come());
    expect(NODES).toContain(vnode);
    joined = await (await come(vnode)).join(`hall@conference.${vnode}.meet.jitsi`, "0000000e");
  }
  expect(joined).toMatch(/role=['"]visitor/);
});

test("a node that somebody ends by hand is back as well", async () => {
  await stack.on("core", `systemctl kill --signal=TERM prosody-${carrier}`);
  const port = carrier === "v1" ? 15281 : 15282;
  const listens = async () => (await stack.on("core", `ss -Hltn 'sport = :${port}'`)).includes("LISTEN");
  await until("the node ends", 10, async () => !(await listens()));
  await until("the node is back", 20, listens);
});

test("the doctor names a node that is stopped, and nothing else, until it runs again", async () => {
  const doctor = async () => stack.on("core", "audio-meet doctor || true");
  await stack.on("core", "systemctl stop prosody-v2");
  const said = await doctor();
  expect(said).toMatch(
    /first broken link: visitors v2: on this host: unit prosody-v2\.service: .*; see journalctl/,
  );
  expect(said.match(/BROKEN/g)).toHaveLength(1);
  expect(said).toMatch(/visitors v1: .*: ok/);
  await stack.on("core", "systemctl start prosody-v2");
  await until("every link holds", 40, async () => (await doctor()).includes("every link holds"));
});

test("without speakers the nodes are gone, and everybody may speak", async () => {
  stack.config = { ...stack.config, "jitsi:audience": { participants: 900 } };
  await stack.mustUp();
  const left = await stack.on(
    "core",
    "ls -d /etc/prosody-v* /etc/systemd/system/prosody-v* 2>/dev/null; ss -Hltn 'sport = :5269 or sport = :15281' || true",
  );
  expect(left.trim()).toBe("");
  for (const nick of ["0000000a", "0000000b", "0000000c"]) {
    const person = await come();
    expect(await askFor(person)).toBeUndefined();
    expect(await person.join(ROOM, nick)).not.toMatch(/type=['"]error/);
  }
});
