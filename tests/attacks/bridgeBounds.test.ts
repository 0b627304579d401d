import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BREWERY,
  describeReal,
  type JvbProsody,
  SKIPPED,
  startJvbProsody,
  TECH,
  TECH_MUC,
} from "../contract/jvbProsody";
import { command, StandInBridge, stats, XmppClient } from "../contract/xmppClient";

/** One who has the password of the bridge "b", the bridge "a", and jicofo in the brewery. */
interface Scene {
  prosody: JvbProsody;
  thief: XmppClient;
  victim: StandInBridge;
  focus: XmppClient;
}

/** An attack, and whether it has worked. */
type Attack = (scene: Scene) => Promise<boolean>;

const ACCOUNTS = ["focus", "jvb-a-1", "jvb-b-1"];
const MUC = "http://jabber.org/protocol/muc";
const OTHER_ROOM = `other@${TECH_MUC}`;

/** Lets everything arrive that was said so far, at those too who hear of it. */
async function allSettled({ thief, focus, victim }: Scene): Promise<void> {
  await thief.settled();
  await victim.settled();
  await focus.settled();
}

async function commands(scene: Scene, to: string): Promise<boolean> {
  scene.thief.say(command(to, "evil"));
  await allSettled(scene);
  return scene.victim.commandedBy.length > 0;
}

/** Whether one of them hears something that the thief says. */
async function hears(scene: Scene, who: "victim" | "focus", said: string, what: RegExp): Promise<boolean> {
  scene[who].heard = "";
  scene.thief.say(said);
  await allSettled(scene);
  return what.test(scene[who].heard);
}

/** Whether jicofo takes the thief for a bridge of that name. */
async function isKnownAs(scene: Scene, nickname: string): Promise<boolean> {
  await allSettled(scene);
  const presences = scene.focus.heard.split("<presence ");
  return presences.some(
    (one) =>
      one.includes(`from='${BREWERY}/${nickname}'`) &&
      one.includes(`jid='${scene.thief.jid}'`) &&
      !one.includes("type='unavailable'"),
  );
}

const ATTACKS: Record<string, Attack> = {
  "commands another bridge by its name in the brewery": (scene) => commands(scene, `${BREWERY}/a`),
  "commands another bridge by its own address": (scene) => commands(scene, scene.victim.jid),
  "takes the name of a bridge that is away": async (scene) => {
    scene.thief.enter("c", stats("c"));
    return await isKnownAs(scene, "c");
  },
  "takes the name of a bridge that is away, from its own one": async (scene) => {
    scene.thief.enter("b", stats("b"));
    scene.thief.say(`<presence to='${BREWERY}/c'>${stats("c")}</presence>`);
    return await isKnownAs(scene, "c");
  },
  "is known under a second name": async (scene) => {
    scene.thief.enter("b", stats("b"));
    const second = await XmppClient.open(scene.prosody, "jvb-b-1");
    second.enter("d", stats("d"));
    await second.settled();
    const isKnown = await isKnownAs({ ...scene, thief: second }, "d");
    await second.close();
    return isKnown;
  },
  "takes jicofo's name before jicofo": async (scene) => {
    scene.focus.say(`<presence to='${BREWERY}/focus' type='unavailable'/>`);
    await scene.focus.settled();
    scene.thief.enter("focus");
    await scene.thief.settled();
    scene.focus.heard = "";
    scene.focus.enter("focus");
    await scene.focus.settled();
    return /<conflict/.test(scene.focus.heard);
  },
  "names the relay of another bridge": async (scene) => {
    scene.thief.enter("b", stats("b"));
    const presence = `<presence to='${BREWERY}/b'>${stats("a")}</presence>`;
    return await hears(
      scene,
      "focus",
      presence,
      new RegExp(`${BREWERY}/b'.*name='relay_id' value='a'|value='a' name='relay_id'`),
    );
  },
  "names the relay of another bridge in an attribute with a namespace": async (scene) => {
    scene.thief.enter("b", stats("b"));
    const twice = stats("b").replace("value='b'", "value='b' xmlns:x='urn:x' x:value='a'");
    return await hears(scene, "focus", `<presence to='${BREWERY}/b'>${twice}</presence>`, /value='a'/);
  },
  "makes a room": async (scene) => {
    scene.thief.heard = "";
    scene.thief.enter("b", "", OTHER_ROOM);
    await scene.thief.settled();
    return /code='201'/.test(scene.thief.heard);
  },
  "speaks to everybody in the brewery": async (scene) => {
    scene.thief.enter("b", stats("b"));
    const message = `<message to='${BREWERY}' type='groupchat'><body>evil</body></message>`;
    return await hears(scene, "victim", message, /evil/);
  },
  "speaks to jicofo past the brewery": (scene) =>
    hears(scene, "focus", `<message to='${scene.focus.jid}'><body>evil</body></message>`, /evil/),
  "asks jicofo": async (scene) => {
    scene.thief.enter("b", stats("b"));
    const conference = "<conference xmlns='http://jitsi.org/protocol/focus' room='evil@x'/>";
    return await hears(
      scene,
      "focus",
      `<iq type='set' id='e' to='${BREWERY}/focus'>${conference}</iq>`,
      /evil/,
    );
  },
  "answers jicofo what it has not asked": (scene) =>
    hears(scene, "focus", `<iq type='result' id='evil' to='${scene.focus.jid}'/>`, /evil/),
  "asks for a place in the roster of another bridge": (scene) =>
    hears(scene, "victim", `<presence to='jvb-a-1@${TECH}' type='subscribe'/>`, /type='subscribe'/),
  "sends jicofo a stanza of a megabyte": async (scene) => {
    scene.thief.enter("b", stats("b"));
    await allSettled(scene);
    const text = "x".repeat(1_000_000);
    return await hears(
      scene,
      "focus",
      `<presence to='${BREWERY}/b'><status>${text}</status></presence>`,
      /x{1000000}/,
    );
  },
  "tells jicofo a thousand times how it is": async (scene) => {
    scene.thief.enter("b", stats("b"));
    scene.focus.heard = "";
    scene.thief.say(`<presence to='${BREWERY}/b'>${stats("b")}</presence>`.repeat(1000));
    await allSettled(scene);
    return scene.focus.heard.split(`from='${BREWERY}/b'`).length > 100;
  },
};

/** Attacks of one who comes before anybody else. */
const FIRST: Record<string, (thief: XmppClient, prosody: JvbProsody) => Promise<boolean>> = {
  "owns the brewery and throws another bridge out": async (thief, prosody) => {
    const victim = await StandInBridge.start(prosody, "jvb-a-1", "a");
    const kick = `<query xmlns='${MUC}#admin'><item nick='a' role='none'/></query>`;
    thief.say(`<iq type='set' id='kick' to='${BREWERY}'>${kick}</iq>`);
    await thief.settled();
    await victim.settled();
    const isOut = /code='307'/.test(victim.heard);
    await victim.close();
    return isOut;
  },
  "locks the brewery": async (thief, prosody) => {
    const form = "<x xmlns='jabber:x:data' type='submit'>";
    const field = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`;
    const kind = field("FORM_TYPE", `${MUC}#roomconfig`);
    const fields = kind + field("muc#roomconfig_membersonly", "1");
    const query = `<query xmlns='${MUC}#owner'>${form}${fields}</x></query>`;
    thief.say(`<iq type='set' id='lock' to='${BREWERY}'>${query}</iq>`);
    await thief.settled();
    const victim = await StandInBridge.open(prosody, "jvb-a-1");
    victim.enter("a");
    await victim.settled();
    const isOut = /registration-required/.test(victim.heard);
    await victim.close();
    return isOut;
  },
};

describeReal.each([
  ["as rendered", true],
  ["without the defence", false],
] as const)(`prosody-jvb %s${SKIPPED}`, (_, isDefended) => {
  let folder: string;
  let prosody: JvbProsody;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bridge-bounds-"));
    prosody = await startJvbProsody(folder, ACCOUNTS, isDefended);
  }, 60_000);

  afterAll(async () => {
    await prosody.stop("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const outcome = (isDefended ? "no: " : "yes: ") + "a stolen password of a bridge ";

  test.each(Object.entries(ATTACKS))(`${outcome}%s`, async (_name, attack) => {
    const focus = await XmppClient.open(prosody, "focus", "focus");
    focus.enter("focus");
    const victim = await StandInBridge.start(prosody, "jvb-a-1", "a");
    const thief = await XmppClient.open(prosody, "jvb-b-1");
    // In the brewery already, where the attack does not say otherwise: nothing is refused for want of a place there.
    thief.enter("b", stats("b"));
    await thief.settled();
    expect(await attack({ prosody, focus, victim, thief })).toBe(!isDefended);
    for (const client of [focus, victim, thief]) await client.close();
  });

  test.each(Object.entries(FIRST))(`${outcome}that comes first %s`, async (_name, attack) => {
    const thief = await XmppClient.open(prosody, "jvb-b-1");
    thief.enter("b", stats("b"));
    await thief.hears(/code='110'/);
    expect(await attack(thief, prosody)).toBe(!isDefended);
    await thief.close();
  });
});
