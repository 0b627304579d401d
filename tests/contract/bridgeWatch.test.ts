import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BREWERY,
  describeReal,
  type JvbProsody,
  setClock,
  SKIPPED,
  startJvbProsody,
  TECH,
} from "./jvbProsody";
import { StandInBridge, stats, XmppClient } from "./xmppClient";

interface Told {
  bridges: Record<string, { loggedInSeconds: number; inBrewery: boolean; silentSeconds: number }>;
}

let folder: string;
let prosody: JvbProsody;
const open: XmppClient[] = [];

/** What prosody-jvb answers to the watchdog. */
async function asked(method: "GET" | "POST", path = "/bridges"): Promise<unknown> {
  return await new Promise((done, fail) => {
    const question = request(
      { host: "127.0.0.1", port: prosody.httpPort, path, method, headers: { host: TECH } },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => (text += part));
        answer.on("end", () => {
          done(JSON.parse(text));
        });
      },
    );
    question.on("error", fail).end();
  });
}

const told = async () => (await asked("GET")) as Told;

async function bridge(account: string, nickname: string): Promise<StandInBridge> {
  const one = await StandInBridge.start(prosody, account, nickname);
  open.push(one);
  return one;
}

/** Time passes for all but the bridges in the list, which say that they are there each second. */
async function passes(seconds: number, heard: [StandInBridge, string][] = []): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    for (const [one, nickname] of heard)
      one.say(`<presence to='${BREWERY}/${nickname}'>${stats(nickname)}</presence>`);
    await new Promise((done) => setTimeout(done, 1000));
  }
}

describeReal(`what the watchdog asks prosody-jvb${SKIPPED}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bridge-watch-"));
    prosody = await startJvbProsody(folder, ["focus", "jvb-a-1", "jvb-b-1"], true);
  }, 60_000);
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
  });
  afterAll(async () => {
    await prosody.stop("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  test("which bridges are there, jicofo not among them", async () => {
    expect((await told()).bridges).toEqual({});
    await bridge("jvb-a-1", "a");
    const focus = await XmppClient.open(prosody, "focus", "focus");
    open.push(focus);
    focus.enter("focus");
    await focus.settled();
    const { bridges } = await told();
    expect(Object.keys(bridges)).toEqual(["a"]);
    expect(bridges["a"]?.inBrewery).toBe(true);
    expect(bridges["a"]?.silentSeconds).toBeLessThan(5);
  });

  test("a bridge that is logged in and has not entered the brewery", async () => {
    open.push(await XmppClient.open(prosody, "jvb-a-1", "x"));
    expect((await told()).bridges["a"]?.inBrewery).toBe(false);
  });

  test("ends a bridge that says nothing, and none that is at work", async () => {
    const [silent, heard] = [await bridge("jvb-a-1", "a"), await bridge("jvb-b-1", "b")];
    const focus = await XmppClient.open(prosody, "focus", "focus");
    open.push(focus);
    focus.enter("focus");
    await focus.settled();
    expect(await asked("POST", "/bridges?bridge=a")).toEqual({ ended: 0 });
    await passes(11, [[heard, "b"]]);
    const { bridges } = await told();
    expect(bridges["a"]?.silentSeconds).toBeGreaterThan(10);
    expect(bridges["b"]?.silentSeconds).toBeLessThan(3);
    focus.heard = "";
    expect(await asked("POST", "/bridges?bridge=b")).toEqual({ ended: 0 });
    expect(await asked("POST", "/bridges?bridge=a")).toEqual({ ended: 1 });
    await focus.hears(
      new RegExp(
        `<presence [^>]*from='${BREWERY}/a'[^>]*type='unavailable'|type='unavailable'[^>]*from='${BREWERY}/a'`,
      ),
    );
    // What ends the stream reaches the bridge a moment after jicofo has heard of it.
    for (let tries = 0; !silent.isClosed && tries < 100; tries += 1)
      await new Promise((done) => setTimeout(done, 50));
    expect([silent.isClosed, heard.isClosed]).toEqual([true, false]);
    expect(Object.keys((await told()).bridges)).toEqual(["b"]);
  }, 40_000);

  test.each([3600, -3600])(
    "a clock that jumps by %d s makes no bridge silent, and ends none",
    async (seconds) => {
      const bridges = [await bridge("jvb-a-1", "a"), await bridge("jvb-b-1", "b")];
      open.push(await XmppClient.open(prosody, "focus", "focus"));
      setClock(folder, seconds);
      const seen = (await told()).bridges;
      for (const id of ["a", "b"]) {
        expect(seen[id]?.silentSeconds).toBeGreaterThanOrEqual(0);
        expect(seen[id]?.silentSeconds).toBeLessThan(5);
        expect(seen[id]?.loggedInSeconds).toBeGreaterThanOrEqual(0);
        expect(seen[id]?.loggedInSeconds).toBeLessThan(5);
        expect(await asked("POST", `/bridges?bridge=${id}`)).toEqual({ ended: 0 });
      }
      setClock(folder, 0);
      expect(bridges.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    },
  );
});
