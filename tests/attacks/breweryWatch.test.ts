import { existsSync } from "node:fs";
import { join } from "node:path";
import { withRecorder } from "../unit/servicesFixture";
import { PLAN } from "../contract/files";
import { MISSING, type MainProsody, PASSWORD, startMain } from "../contract/xmpp/mainProsody";
import { iq, Person, presence } from "../contract/xmpp/person";
import { StandInFocus } from "../contract/xmpp/standInFocus";

const withProsody = MISSING.length === 0 ? describe : describe.skip;
const skipped = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

const plan = withRecorder(PLAN);
const { domain, auth, conference, recorder, recorderBrewery } = plan.names;
const FAST = "brewery_watch_interval = 0.1\nbrewery_watch_patience = 1";
const pause = async (seconds: number) => new Promise((done) => setTimeout(done, 1000 * seconds));

withProsody(`jicofo and the recorders' brewery${skipped}`, () => {
  let prosody: MainProsody;
  let jicofo: StandInFocus;

  const enter = async (host: string, name: string) =>
    Person.enter(prosody.port, domain, { host, user: { name, password: PASSWORD, resource: "r" } });
  const isAsked = () => existsSync(join(prosody.folder, "recorders-unheard"));

  beforeEach(async () => {
    const accounts = [`jibri@${auth}`, `recorder@${recorder}`];
    prosody = await startMain(plan, { options: FAST, accounts });
    jicofo = await StandInFocus.start(prosody, domain, auth);
    await jicofo.person.join(recorderBrewery, "focus");
    await (await enter(auth, "jibri")).join(recorderBrewery, "rec-1");
  });

  afterEach(async () => prosody.stop());

  const leave = () => {
    jicofo.person.say(presence(`${recorderBrewery}/focus`, "", "unavailable"));
  };

  test("while jicofo is there, or not logged in, nobody asks for a restart; when it is out, soon", async () => {
    await pause(2.5);
    expect(isAsked()).toBe(false);
    leave();
    await pause(3);
    expect(isAsked()).toBe(true);
    expect(prosody.log()).toContain("no recording can start");
  });

  test("while jicofo is being started, nobody asks", async () => {
    jicofo.person.leave();
    await pause(2.5);
    expect(isAsked()).toBe(false);
  });

  test("a recording is not cut: the restart waits for its end", async () => {
    const hall = `hall@${conference}`;
    await jicofo.person.join(hall, "focus");
    const start = `<jibri xmlns="http://jitsi.org/protocol/jibri" action="start" room="${hall}"/>`;
    jicofo.person.say(iq("set", `${recorderBrewery}/rec-1`, start, "order"));
    const browser = await enter(recorder, "recorder");
    expect(await browser.join(hall, "abcdef01")).toContain("110");
    leave();
    await pause(2.5);
    expect(isAsked()).toBe(false);
    browser.leave();
    await pause(1.5);
    expect(isAsked()).toBe(true);
  });
});
