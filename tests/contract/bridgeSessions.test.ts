import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BREWERY, describeReal, type JvbProsody, SKIPPED, startJvbProsody } from "./jvbProsody";
import { command, StandInBridge, stats, XmppClient } from "./xmppClient";

const ACCOUNTS = ["focus", "jvb-a-1", "jvb-a-2", "jvb-a-b-1", "stranger"];
let folder: string;
let prosody: JvbProsody;
const open: XmppClient[] = [];

/** Starts prosody-jvb for one group of tests. */
function onProsody(isDefended: boolean): void {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bridge-sessions-"));
    prosody = await startJvbProsody(folder, ACCOUNTS, isDefended);
  }, 60_000);
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
  });
  afterAll(async () => {
    await prosody.stop("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
}

async function jicofo(): Promise<XmppClient> {
  const focus = await XmppClient.open(prosody, "focus", "focus");
  open.push(focus);
  focus.enter("focus");
  await focus.settled();
  return focus;
}

async function bridge(account: string, nickname: string): Promise<StandInBridge> {
  const one = await StandInBridge.start(prosody, account, nickname);
  open.push(one);
  return one;
}

/** Asks the bridge of that name to change a conference; whether it has answered. */
async function isAnswered(focus: XmppClient, nickname: string, id: string): Promise<boolean> {
  focus.heard = "";
  focus.say(command(`${BREWERY}/${nickname}`, id));
  for (const client of open) await client.settled();
  await focus.settled();
  return new RegExp(`<iq [^>]*type='result'`).test(focus.heard) && focus.heard.includes(`id='${id}'`);
}

describeReal(`a bridge at prosody-jvb${SKIPPED}`, () => {
  onProsody(true);

  test("comes before jicofo, and is known as soon as jicofo is there", async () => {
    const early = await bridge("jvb-a-1", "a");
    const focus = await jicofo();
    expect(focus.heard).toContain(`from='${BREWERY}/a'`);
    expect(early.heard).not.toContain("code='201'");
  });

  test("finds the brewery again after everybody has left it", async () => {
    await (await bridge("jvb-a-1", "a")).close();
    const focus = await jicofo();
    await bridge("jvb-a-1", "a");
    expect(await isAnswered(focus, "a", "again")).toBe(true);
  });

  test("answers what jicofo asks, each question once", async () => {
    const focus = await jicofo();
    const one = await bridge("jvb-a-1", "a");
    one.isSilent = true;
    one.heard = "";
    focus.say(command(`${BREWERY}/a`, "once"));
    const [, id = ""] = await one.hears(/<iq [^>]*id='([^']+)'[^>]*><conference-modify/);
    focus.heard = "";
    for (let time = 0; time < 3; time += 1) one.say(`<iq type='result' id='${id}' to='${BREWERY}/focus'/>`);
    await one.settled();
    await focus.settled();
    expect(focus.heard.split("id='once'")).toHaveLength(2);
  });

  test("says that it cannot do what jicofo asks", async () => {
    const focus = await jicofo();
    const one = await bridge("jvb-a-1", "a");
    one.isSilent = true;
    one.heard = "";
    focus.say(command(`${BREWERY}/a`, "unable"));
    const [, id = ""] = await one.hears(/<iq [^>]*id='([^']+)'[^>]*><conference-modify/);
    const error =
      "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    focus.heard = "";
    one.say(`<iq type='error' id='${id}' to='${BREWERY}/focus'>${error}</iq>`);
    await one.settled();
    await focus.settled();
    expect(focus.heard).toMatch(/id='unable'|service-unavailable/);
  });

  test("answers a thousand questions that come at once", async () => {
    const focus = await jicofo();
    const one = await bridge("jvb-a-1", "a");
    const ids = Array.from({ length: 1000 }, (_, n) => `many${n}`);
    focus.heard = "";
    for (const id of ids) focus.say(command(`${BREWERY}/a`, id));
    await focus.hears(/id='many999'/);
    await one.settled();
    await focus.settled();
    expect(ids.filter((id) => !focus.heard.includes(`id='${id}'`))).toEqual([]);
  });

  test("hears from jicofo what is larger than it may send itself, after a resumption of its stream, too", async () => {
    const focus = await jicofo();
    const one = await bridge("jvb-a-1", "a");
    focus.say(command(`${BREWERY}/a`, "large", ` big='${"x".repeat(1_000_000)}'`));
    await one.hears(/ big='x+'/);
    focus.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    const [, token = ""] = await focus.hears(/<enabled [^>]*id='([^']+)'/);
    focus.cut();
    const again = await XmppClient.open(prosody, "focus", { resume: token });
    open.push(again);
    one.heard = "";
    again.say(command(`${BREWERY}/a`, "larger", ` big='${"y".repeat(1_000_000)}'`));
    await one.hears(/ big='y+'/);
  });

  test("has one session: the newer one takes the place of one that nobody has seen go", async () => {
    const focus = await jicofo();
    const gone = await bridge("jvb-a-1", "a");
    gone.isSilent = true;
    await bridge("jvb-a-1", "a");
    expect(gone.heard).toContain("<conflict");
    expect(await isAnswered(focus, "a", "newer")).toBe(true);
  });

  test("keeps its name through a rotation, whether the old session has ended or not", async () => {
    const focus = await jicofo();
    const old = await bridge("jvb-a-1", "a");
    old.isSilent = true;
    await bridge("jvb-a-2", "a");
    expect(old.heard).toContain("<conflict");
    expect(await isAnswered(focus, "a", "rotated")).toBe(true);
  });

  test("is not thrown out by the account that it had before", async () => {
    const focus = await jicofo();
    const current = await bridge("jvb-a-2", "a");
    const former = await XmppClient.open(prosody, "jvb-a-1");
    open.push(former);
    former.enter("a", stats("a"));
    await former.settled();
    expect(former.heard).toContain("<conflict");
    expect(current.isClosed).toBe(false);
    expect(await isAnswered(focus, "a", "still")).toBe(true);
  });

  test("is not thrown out by one whose name begins with its own", async () => {
    const one = await bridge("jvb-a-1", "a");
    const other = await bridge("jvb-a-b-1", "a-b");
    await other.settled();
    expect([one.isClosed, other.isClosed]).toEqual([false, false]);
  });

  test("gets no place in the brewery by an account that is of no bridge", async () => {
    const stranger = await XmppClient.open(prosody, "stranger");
    open.push(stranger);
    stranger.enter("stranger", stats("stranger"));
    await stranger.settled();
    expect(stranger.heard).toContain("<forbidden");
  });

  test("is asked and answers within a second while another one sends all that it can", async () => {
    const focus = await jicofo();
    await bridge("jvb-a-1", "a");
    const thief = await bridge("jvb-a-b-1", "a-b");
    for (let time = 0; time < 20_000; time += 1) thief.say(command(`${BREWERY}/a`, "flood"));
    const waits: number[] = [];
    for (let time = 0; time < 20; time += 1) {
      const began = Date.now();
      focus.say(command(`${BREWERY}/a`, `wait${time}`));
      await focus.hears(new RegExp(`id='wait${time}'`));
      waits.push(Date.now() - began);
    }
    thief.cut();
    expect(Math.max(...waits)).toBeLessThan(1000);
  });

  test("is written down when it is refused, once for each session", async () => {
    const thief = await bridge("jvb-a-1", "a");
    const before = prosody.log().split("Refused to jvb-a-1@").length;
    for (let time = 0; time < 3; time += 1) thief.say(command(`${BREWERY}/b`, `log${time}`));
    await thief.settled();
    expect(prosody.log().split("Refused to jvb-a-1@").length - before).toBe(1);
  });
});

describeReal(`without the bounds${SKIPPED}`, () => {
  onProsody(false);

  test("jicofo asks the session that is gone, and nobody answers", async () => {
    const focus = await jicofo();
    const gone = await bridge("jvb-a-1", "a");
    gone.isSilent = true;
    await bridge("jvb-a-1", "a");
    expect(await isAnswered(focus, "a", "newer")).toBe(false);
  });
});
