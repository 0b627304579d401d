import { changed } from "../unit/configFixtures";
import { changedFiles, differences, filesOf } from "./support/compare";
import { deployment, stepOf, steps, type Deployment } from "./support/deployment";
import { labStack, withKey } from "./support/stacks";

const TWO = labStack(["fra-1", "fra-2"]);

/** What a set of bridges means on the core. */
const GATE = ["core-files-bridge-access.stdin", "core-verification-run.stdin"];

/** Units that restart because of the files that differ between two deployments. */
function restarts(before: Deployment, after: Deployment): string[] {
  const units = steps(after)
    .filter(({ name }) => name.includes("-files-"))
    .flatMap((step) => {
      const old = stepOf(before, step.name);
      return changedFiles(old, step).flatMap((path) => Object.keys(filesOf(step)[path]?.units ?? {}));
    });
  return [...new Set(units)].sort();
}

describe("a second run", () => {
  test("of the same configuration changes nothing", async () => {
    const [before, after] = [await deployment(TWO), await deployment(TWO)];
    expect(differences(before, after)).toEqual({ added: [], removed: [], changed: [] });
  });
});

describe("a bridge", () => {
  test("that is added in front touches its own resources, and on the core the gate and the verification", async () => {
    const [before, after] = [await deployment(TWO), await deployment(labStack(["fra-0", "fra-1", "fra-2"]))];
    const { added, removed, changed } = differences(before, after);
    expect(added.filter((label) => !/ fra-0(-|$)/.test(label))).toEqual([]);
    expect(added).toHaveLength(16);
    expect(removed).toEqual([]);
    expect(changed).toEqual(GATE);
  });

  test("that is removed takes its own resources along, and the same two change back", async () => {
    const three = await deployment(labStack(["fra-0", "fra-1", "fra-2"]));
    const { added, removed, changed } = differences(three, await deployment(TWO));
    expect(added).toEqual([]);
    expect(removed.filter((label) => !/ fra-0(-|$)/.test(label))).toEqual([]);
    expect(removed).toHaveLength(16);
    expect(changed).toEqual(GATE);
  });

  test("whose machine is replaced changes nothing of the other hosts but the gate and the verification", async () => {
    const replaced = changed(TWO, ["regions", 0, "videobridges", 0, "generation"], 2);
    const before = await deployment(TWO);
    const after = await deployment(replaced);
    const difference = differences(before, after);
    expect([...difference.added, ...difference.removed]).toEqual([]);
    expect(difference.changed.filter((change) => !change.startsWith("fra-1"))).toEqual(GATE);
    // Triggers are what makes the engine replace the guest instead of updating it.
    expect(difference.changed).toContain("fra-1-machine-guest.triggers");
    expect(
      changedFiles(stepOf(before, GATE[0]?.split(".")[0] ?? ""), stepOf(after, "core-files-bridge-access")),
    ).toEqual(["/etc/audio-meet/nftables/prosody-jvb.nft"]);
  });
});

describe("jitsi:maxBridgeParticipants", () => {
  test("changes one file on the core, restarts jicofo and has the core verified again", async () => {
    const [before, after] = [
      await deployment(TWO),
      await deployment(withKey(TWO, "maxBridgeParticipants", 150)),
    ];
    expect(differences(before, after)).toEqual({
      added: [],
      removed: [],
      changed: ["core-files-jicofo.stdin", "core-verification-run.stdin"],
    });
    const [old, now] = [stepOf(before, "core-files-jicofo"), stepOf(after, "core-files-jicofo")];
    expect(changedFiles(old, now)).toEqual(["/etc/jitsi/jicofo/jicofo.conf"]);
    expect(restarts(before, after)).toEqual(["jicofo.service"]);
  });
});

describe("a rotation counter", () => {
  const bridge = (id: string) => [`${id}-files-videobridge`, `${id}-secrets`, `${id}-verification-run`];
  const core = (...more: string[]) => ["core-secrets", "core-verification-run", ...more];

  test.each([
    ["focusClient", "focus-client", core("core-files-prosody", "core-files-jicofo"), "jicofo.service"],
    ["focusService", "focus-service", core("core-files-prosody-jvb", "core-files-jicofo"), "jicofo.service"],
    [
      "videobridge",
      "videobridge",
      [...core("core-files-prosody-jvb"), ...bridge("fra-1"), ...bridge("fra-2")],
      "jitsi-videobridge2.service",
    ],
  ])(
    "%s makes that password new and restarts only who logs in with it",
    async (key, password, groups, unit) => {
      const before = await deployment(TWO);
      const after = await deployment(withKey(TWO, "secrets", { [key]: 2 }));
      const inputs = groups.map((name) => `${name}.stdin`);
      expect(differences(before, after)).toEqual({
        added: [],
        removed: [],
        changed: [`credentials-${password}.keepers`, `credentials.${key}`, ...inputs].sort(),
      });
      expect(restarts(before, after)).toEqual([unit]);
    },
  );
});
