import { endTone, measure, playTone, TONE_DB } from "../../lab/record/sound";
import { Moderator } from "../../lab/record/moderator";
import type { Forward } from "../../lab/xmpp/forward";
import { type Around, type Cost, costTable, upAmongPeople } from "./support/faults/change";
import { BRIDGES, type Host, lossy } from "./support/faults/fault";
import { Scene, threeBridges } from "./support/faults/scene";
import { mustInGuest } from "./support/guests";
import { LabStack } from "./support/labStack";
import { newerPackage } from "./support/newerPackage";
import { Storage } from "./support/storage";
import { until } from "./support/until";
import { forwardTo } from "./support/xmpp";

const DOMAIN = "changes.audio-meet.test";
const PEOPLE = 60;
const WATCHED = ["-ping", "1s", "-late", "500ms"];
const NEWER = "2.3-0+standin1+newer";
const STORAGE_PORT = 8617;
const runsAll = process.env["CHANGES"] === "all";
/** `npm run changes`. In `make test` bridges.lab and thinWhole.lab remove and replace bridges with people on them. */
const row = runsAll ? test : test.skip;
const LEFT_OUT = runsAll ? "" : " (skipped: make test has no time for it; npm run changes)";

const stack = new LabStack("changes", threeBridges(DOMAIN, { "jitsi:drain": { deadlineMinutes: 1 } }));
const scene = new Scene(stack, DOMAIN);
const costs: Cost[] = [];
let storage: Storage | undefined;
let websocket: Forward | undefined;

const region = () => (stack.config["jitsi:regions"] as { videobridges: { id: Host }[] }[])[0];

/** Bridges that the stack file has now. */
const bridgesNow = () => (region()?.videobridges ?? []).map(({ id }) => id);

/** Bridges of the stack file from now on; a later generation is another machine. */
function bridgesAre(bridges: readonly Host[]): void {
  const videobridges = bridges.map((id) => ({ id, generation: scene.generationOf(id) }));
  stack.config = { ...stack.config, "jitsi:regions": [{ ...region(), videobridges }] };
}

/** Counters of secrets that go up. */
function rotates(counters: object): void {
  const secrets = { ...(stack.config["jitsi:secrets"] as object | undefined), ...counters };
  stack.config = { ...stack.config, "jitsi:secrets": secrets };
}

/** What it cost when the stack file changed in that way while people are on all its bridges. */
async function costOf(name: string, change: () => unknown, around: Around = {}): Promise<Cost> {
  const cost = await upAmongPeople(scene, name, bridgesNow(), { ...around, before: change });
  costs.push(cost);
  process.stderr.write(`${costTable([cost]).split("\n").at(-1) ?? ""}\n`);
  expect({ fellOut: cost.fellOut, why: cost.why, cut: cost.cut }).toEqual({ fellOut: 0, why: [], cut: 0 });
  return cost;
}

/** An `up` that costs nobody anything. */
async function costsNobody(name: string, fewest: number, change: () => unknown): Promise<void> {
  const cost = await costOf(name, change);
  expect({ code: cost.code, end: cost.output.slice(-1500) }).toMatchObject({ code: 0 });
  expect(cost.after).toBe(cost.before);
  expect(cost.fewest).toBeGreaterThanOrEqual(fewest);
}

describe(`${PEOPLE} people on three bridges notice no change`, () => {
  beforeAll(async () => {
    await stack.open();
    await stack.mustUp();
    await scene.fill(PEOPLE, ["-visitors", "1", ...WATCHED]);
    await scene.watch();
  });

  afterAll(async () => {
    console.info(`${PEOPLE} people; the stand-ins of jicofo and bridge\n${costTable(costs)}`);
    websocket?.close();
    await scene.end();
    await storage?.stop();
    await stack.close();
  });

  row(`a bridge is removed${LEFT_OUT}`, async () => {
    await costsNobody("a bridge is removed", 2, () => {
      bridgesAre(["jvb-a", "jvb-b"]);
    });
  });

  row(`a bridge is added${LEFT_OUT}`, async () => {
    await costsNobody("a bridge is added", 2, () => {
      scene.renew("jvb-c");
      bridgesAre(BRIDGES);
    });
  });

  row(`the machine of a bridge is replaced${LEFT_OUT}`, async () => {
    await costsNobody("the machine of a bridge is replaced", 2, () => {
      scene.renew("jvb-b");
      bridgesAre(BRIDGES);
    });
  });

  row(`all bridges are upgraded${LEFT_OUT}`, async () => {
    for (const id of BRIDGES) await scene.on(id, newerPackage("jitsi-videobridge2", NEWER));
    await costsNobody("all bridges are upgraded", 2, () => {
      const release = { ...(stack.config["jitsi:release"] as object), videobridge: NEWER };
      stack.config = { ...stack.config, "jitsi:release": release };
    });
    for (const id of BRIDGES)
      expect(await scene.on(id, "dpkg-query -W -f '${Version}' jitsi-videobridge2")).toBe(NEWER);
  });

  row(
    `a bridge that does not say whether it is empty stays with its people, and up fails${LEFT_OUT}`,
    async () => {
      const means = lossy('iifname "lo" tcp dport 8080', 'oifname "lo" tcp dport 8080');
      const muted = async () => {
        bridgesAre(["jvb-a", "jvb-b"]);
        await scene.on("jvb-c", means.shell);
      };
      // The stand-in is asked over the same port who is on it.
      const spoken = () => scene.on("jvb-c", means.mend);
      const cost = await costOf("a bridge is to go, and its drain fails", muted, {
        after: spoken,
        mutes: true,
      });
      expect(cost.code).not.toBe(0);
      expect(cost.output).toMatch(/jvb-c.*whether anybody is on this bridge/s);
      expect(cost).toMatchObject({ fewest: 3, after: cost.before });
      // People are on it in the next row as well.
      bridgesAre(BRIDGES);
    },
  );

  row(`the next up removes it${LEFT_OUT}`, async () => {
    await costsNobody("the same once it answers", 2, () => {
      bridgesAre(["jvb-a", "jvb-b"]);
    });
  });

  // A rotation of either restarts jicofo, which has no bridge yet while it starts.
  row.each([
    ["turn", 2],
    ["focusClient", 0],
    ["focusService", 0],
    ["videobridge", 1],
  ])(`the secret %s is rotated${LEFT_OUT}`, async (secret, fewest) => {
    await costsNobody(`\`${secret}\` is rotated`, fewest, () => {
      rotates({ [secret]: 2 });
    });
  });

  describe("guests of a moderator who records", () => {
    let anna: Moderator;

    /** Comes in with the password that the stack has for her now. */
    async function annaEnters(): Promise<Moderator> {
      const shown = await stack.pulumi(["stack", "output", "moderators", "--show-secrets", "--json"]);
      const { anna: password = "" } = JSON.parse(shown.stdout) as Record<string, string>;
      websocket ??= await forwardTo(stack, "core", 5280);
      const address = `ws://127.0.0.1:${websocket.port}/xmpp-websocket`;
      return Moderator.enter(address, DOMAIN, scene.room.split("@")[0] ?? "", { username: "anna", password });
    }

    async function secretKeyIs(secretKey: string): Promise<void> {
      const key = "jitsi:recordingSecretKey";
      stack.config = { ...stack.config, [key]: await stack.encrypted(key, secretKey) };
    }

    /** The login command of the recorder. */
    async function recorder(): Promise<string> {
      return (await stack.outputs<{ ssh: Record<string, string> }>()).ssh["rec-1"] ?? "";
    }

    async function records(): Promise<void> {
      const ordered = async () => (await anna.order("start")).includes('type="result"');
      await until("a recorder takes the order", 60, ordered);
      await anna.sees("on");
    }

    beforeAll(async () => {
      // This restarts the main Prosody: nobody is there.
      await scene.crowd.end();
      storage = await Storage.start(stack, STORAGE_PORT);
      const { bucket, region: place, endpoint, accessKey, secretKey } = storage.login;
      const where = { bucket, region: place, endpoint, caBundle: storage.authorityPem };
      stack.config = {
        ...stack.config,
        "jitsi:access": { kind: "moderated", moderators: ["anna", "ben"] },
        "jitsi:regions": [{ ...region(), recorders: [{ id: "rec-1" }] }],
        "jitsi:recording": { storage: where },
        "jitsi:recordingAccessKey": await stack.encrypted("jitsi:recordingAccessKey", accessKey),
      };
      await secretKeyIs(secretKey);
      await stack.mustUp();
      // The lab has no DNS, in which operators name the core.
      const core = (await scene.target()).address.split(":")[0] ?? "";
      await mustInGuest(stack, scene.guest("rec-1"), `echo '${core} ${DOMAIN}' >>/etc/hosts`);
      anna = await annaEnters();
      // Nobody comes to rooms of his own: nobody would open them.
      await scene.fill(PEOPLE, ["-login", `guest.${DOMAIN}`, ...WATCHED]);
    });

    row(`the passwords of a recorder are rotated, and its recording goes on${LEFT_OUT}`, async () => {
      const login = await recorder();
      await playTone(login);
      await records();
      const began = Date.now();
      await costsNobody("the passwords of a recorder are rotated while it records", 2, () => {
        rotates({ recorders: { "rec-1": 2 } });
      });
      expect(anna.hasSeen("off")).toBe(false);
      await anna.order("stop");
      await anna.sees("off");
      const recorded = (Date.now() - began) / 1000;
      await endTone(login);
      await until("the recording arrives", 90, () => storage?.arrived().length === 1);
      const objects = storage?.objects(storage.arrived()[0] ?? "") ?? {};
      const sound = Object.keys(objects).find((name) => name.endsWith(".ogg")) ?? "";
      const { seconds, meanDb } = await measure(login, objects[sound] ?? Buffer.alloc(0));
      expect(seconds).toBeGreaterThan(recorded - 1);
      expect(meanDb).toBeCloseTo(TONE_DB, -0.5);
      await records();
      await anna.order("stop");
      const accounts = () => scene.on("core", "ls /var/lib/prosody/*/accounts");
      await until("the old accounts go", 120, async () => !/rec%2d1%2d1\.dat/.test(await accounts()));
      expect(await accounts()).toMatch(/rec%2d1%2d2\.dat/);
    });

    row(`the secret key of the bucket is another one${LEFT_OUT}`, async () => {
      await costsNobody("`jitsi:recordingSecretKey` is another one", 2, async () => {
        const next = "the-next-key-of-the-bucket-in-this-lab";
        await storage?.expectKey(next);
        await secretKeyIs(next);
      });
    });

    row(`the password of a moderator is rotated: her session alone ends${LEFT_OUT}`, async () => {
      await costsNobody("the password of a moderator is rotated", 2, () => {
        rotates({ moderators: { anna: 2 } });
      });
      await until("her session ends", 10, () => !anna.isIn);
      expect((await annaEnters()).isIn).toBe(true);
    });
  });
});
