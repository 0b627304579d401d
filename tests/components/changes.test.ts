import { plain } from "../../lab/plugins/shared/values";
import { changed } from "../unit/configFixtures";
import { labAddress } from "../../facts/labHost";
import { bridgeNames } from "./support/bridgeNames";
import { changedFiles, differences, documentOf, filesOf } from "./support/compare";
import { deployment, everythingBefore, stepOf, steps, type Deployment } from "./support/deployment";
import { existingStack, labStack, oneMachineStack, serversStack, withKey } from "./support/stacks";

type Step = ReturnType<typeof stepOf>;

const TWO = labStack(["fra-1", "fra-2"]);
const THREE = labStack(["fra-0", "fra-1", "fra-2"]);
const NOTHING = { added: [], removed: [], changed: [] };

/** What other addresses of bridges mean on the core. */
const GATE = ["core-ear.stdin", "core-files-host.stdin", "core-verification-run.create"];
/** What another set of bridges means on the core: the checks name every bridge that jicofo has to count. */
const GATE_AND_CHECKS = [...GATE, "core-verification-run.stdin"];

let before: Deployment;
beforeAll(async () => {
  before = await deployment(TWO);
});

/** Units that restart because of the files that differ from those before. */
function restarts(after: Deployment): string[] {
  const units = steps(after)
    .filter(({ name }) => name.includes("-files-"))
    .flatMap((step) => {
      const old = stepOf(before, step.name);
      return changedFiles(old, step).flatMap((path) => Object.keys(filesOf(step)[path]?.units ?? {}));
    });
  return [...new Set(units)].sort();
}

test("a second run of the same configuration changes nothing", async () => {
  expect(differences(before, await deployment(TWO))).toEqual(NOTHING);
});

describe("a bridge", () => {
  const foreign = (labels: string[]) => labels.filter((label) => !/ fra-0(-|$)/.test(label));

  test("that is added in front touches its own resources, and on the core the gate and the verification", async () => {
    const { added, removed, changed } = differences(before, await deployment(THREE));
    expect(added).toHaveLength(16);
    expect(foreign(added)).toEqual([]);
    expect(removed).toEqual([]);
    expect(changed).toEqual(GATE_AND_CHECKS);
  });

  test("that is removed takes its own resources along, and the same change back", async () => {
    const { added, removed, changed } = differences(await deployment(THREE), before);
    expect(added).toEqual([]);
    expect(removed).toHaveLength(16);
    expect(foreign(removed)).toEqual([]);
    expect(changed).toEqual(GATE_AND_CHECKS);
  });

  test("whose machine is replaced changes nothing of the other hosts but the gate, its place in TURN and the verification", async () => {
    const after = await deployment(changed(TWO, ["regions", 0, "videobridges", 0, "generation"], 2));
    const difference = differences(before, after);
    expect(difference).toMatchObject({ added: [], removed: [] });
    expect(difference.changed.filter((change) => !change.startsWith("fra-1"))).toEqual(GATE_AND_CHECKS);
    expect(difference.changed.filter((change) => /^fra-1-(account|turn-peer)/.test(change))).toEqual(
      ["account", "turn-peer"].flatMap((step) =>
        ["delete", "stdin", "triggers"].map((key) => `fra-1-${step}.${key}`),
      ),
    );
    // Triggers are what makes the engine replace the guest, the account or the peer, instead of updating it: the old one goes last.
    expect(difference.changed).toContain("fra-1-machine-guest.triggers");
  });

  test("whose machine is replaced is logged in beside the old one, under a name of its own, until that one is empty", async () => {
    const after = await deployment(changed(TWO, ["regions", 0, "videobridges", 0, "generation"], 2));
    const address = labAddress("meet.example.org", "fra-1", 2);
    expect(bridgeNames(before, "fra-1")).toEqual({
      ...{ undo: "account-fra-1", login: "jvb-fra-1-1", nickname: "fra-1", relay: "fra-1" },
      counted: ["fra-1", "fra-2"],
    });
    const relay = `fra-1_${address}`;
    expect(bridgeNames(after, "fra-1")).toEqual({
      ...{ undo: `account-${relay}`, login: `jvb-${relay}-1`, nickname: relay, relay },
      counted: [relay, "fra-2"],
    });
    // Its own account is there before it is, and it is healthy before the engine removes anything.
    const drain = everythingBefore(after, stepOf(after, "fra-1-drain"));
    for (const step of ["account", "turn-peer", "files-videobridge"])
      expect(drain).toContain(`command:remote:Command fra-1-${step}`);
  });

  test("is let in to prosody-jvb for as long as it has its account, also when the rules name its successor alone", async () => {
    const way = "/etc/audio-meet/nftables/bridges";
    const after = await deployment(changed(TWO, ["regions", 0, "videobridges", 0, "generation"], 2));
    const [first, second] = [1, 2].map((generation) => labAddress("meet.example.org", "fra-1", generation));
    const opened = (run: Deployment) =>
      Object.entries(filesOf(stepOf(run, "fra-1-account")))
        .filter(([path]) => path.startsWith(way))
        .map(([path, { content, units }]) => [path, content.trim().split("\n").at(-1), units]);
    const reloads = { "audio-meet-firewall.service": "reload" };
    expect(opened(before)).toEqual([
      [`${way}/fra-1.nft`, `add element inet audio_meet bridges4 { ${first ?? ""} }`, reloads],
    ]);
    expect(opened(after)).toEqual([
      [
        `${way}/fra-1_${second ?? ""}.nft`,
        `add element inet audio_meet bridges4 { ${second ?? ""} }`,
        reloads,
      ],
    ]);
    const rules = (id: string) =>
      filesOf(stepOf(after, `${id}-files-host`))["/etc/audio-meet/nftables/host.nft"]?.content;
    expect(rules("core")).toContain(`include "${way}/*.nft"`);
    expect(rules("fra-1")).not.toContain("include");
  });
});

test("jitsi:maxBridgeParticipants changes one file on the core, restarts jicofo and verifies the core again", async () => {
  const after = await deployment(withKey(TWO, "maxBridgeParticipants", 150));
  const changed = ["core-ear.stdin", "core-files-jicofo.stdin", "core-verification-run.create"];
  expect(differences(before, after)).toEqual({ ...NOTHING, changed });
  const [old, now] = [stepOf(before, "core-files-jicofo"), stepOf(after, "core-files-jicofo")];
  expect(changedFiles(old, now)).toEqual(["/etc/jitsi/jicofo/jicofo.conf"]);
  expect(restarts(after)).toEqual(["jicofo.service"]);
  const words = [old, now].map(
    (step) => (documentOf(step)["whoNotices"] as Record<string, string>)["jicofo.service"],
  );
  expect(words[1]).toMatch(/^restarts with [0-9a-f]{6}: everybody hears people twice/);
  expect(words[0]).not.toBe(words[1]);
});

test("another memory or size is measured, fitted and verified on each host that has it, and nothing else runs again", async () => {
  const steps = (id: string, group: string) =>
    [`files-${group}`, "preflight", "verification-run"].map((step) => `${id}-${step}.create`);
  const limited = changed(TWO, ["regions", 0, "machines", "memoryMegabytes"], 4096);
  const guests = ["core", "fra-1", "fra-2"].map((id) => `${id}-machine-guest.stdin`);
  const hosts = [steps("core", "jicofo"), ...["fra-1", "fra-2"].map((id) => steps(id, "videobridge"))];
  expect(differences(before, await deployment(limited))).toEqual({
    ...NOTHING,
    changed: [...guests, ...hosts.flat(), "core-ear.stdin"].sort(),
  });
  const stated = changed(existingStack(), ["regions", 0, "core", "size"], {
    cores: 8,
    memoryMegabytes: 16_384,
  });
  const { changed: ofServers } = differences(await deployment(existingStack()), await deployment(stated));
  expect(ofServers).toEqual(["core-ear.stdin", ...steps("core", "jicofo")]);
});

test("jitsi:restarts restarts nothing, and what a step is sent says until when it waits, and never who is there", async () => {
  const after = await deployment(withKey(TWO, "restarts", "whenEmpty"));
  const { added, removed, changed: inputs } = differences(before, after);
  expect([added, removed]).toEqual([["command:remote:Command core-files-owed"], []]);
  const [old, now] = [before, after].map((each) => stepOf(each, "core-prosody-files-prosody")) as [
    Step,
    Step,
  ];
  expect(changedFiles(old, now)).toEqual([]);
  expect(documentOf(now)["restarts"]).toEqual({ units: ["prosody.service"] });
  // The people are counted beside the engine and on the host: the same program makes the same steps again.
  expect(differences(after, await deployment(withKey(TWO, "restarts", "whenEmpty")))).toEqual(NOTHING);
  expect(inputs).toContain("core-packages.stdin");
});

const CORE = ["core-ear", "core-secrets", "core-verification-run"];

/** What changes of a step when its host does: a verification has the same checks and another digest of what it verifies. */
function changedInput(step: string): string {
  return `${step}.${step.endsWith("-verification-run") ? "create" : "stdin"}`;
}

test.each([
  ["focusClient", "focus-client", ["core-prosody-files-prosody", "core-files-jicofo"], ["jicofo.service"]],
  [
    "focusService",
    "focus-service",
    ["core-prosody-files-prosody-jvb", "core-files-jicofo"],
    ["jicofo.service"],
  ],
  ["turn", "turn", ["core-prosody-files-prosody"], ["prosody.service"]],
])(
  "a rotation of %s makes one password and restarts only who logs in with it",
  async (key, name, steps, units) => {
    const after = await deployment(withKey(TWO, "secrets", { [key]: 2 }));
    const inputs = [...CORE, ...steps].map(changedInput);
    const changed = [`core-credentials-${name}.keepers`, `core-credentials.${key}`, ...inputs].sort();
    expect(differences(before, after)).toEqual({ ...NOTHING, changed });
    expect(restarts(after)).toEqual(units);
  },
);

test("a rotation of videobridge makes an account for each bridge, restarts the bridges alone, and ends the old accounts", async () => {
  const after = await deployment(withKey(TWO, "secrets", { videobridge: 2 }));
  const ofBridges = ["fra-1", "fra-2"].flatMap((id) => [
    `${id}-account.stdin`,
    `${id}-files-videobridge.stdin`,
    `${id}-password.keepers`,
    `${id}-verification-run.create`,
    `${id}-secrets.stdin`,
  ]);
  const ofCore = ["ear.stdin", "former-accounts.create", "verification-run.create", "verification-run.stdin"];
  const all = [...ofBridges, ...ofCore.map((step) => `core-${step}`)].sort();
  expect(differences(before, after)).toEqual({ ...NOTHING, changed: all });
  expect(restarts(after)).toEqual(["jitsi-videobridge2.service"]);
});

/** Whether the first step has ended before the second one starts; a delete runs the other way round. */
function isBefore(run: Deployment, first: string, second: string): boolean {
  return everythingBefore(run, stepOf(run, second)).has(stepOf(run, first).label);
}

const STACKS = ["lab", "servers", "one machine"] as const;
let runs: Record<(typeof STACKS)[number], Deployment>;
beforeAll(async () => {
  const servers = await deployment(existingStack());
  runs = { lab: before, servers, "one machine": await deployment(oneMachineStack()) };
});

describe.each(STACKS)("%s", (stack) => {
  test("the gate stands before prosody-jvb opens its port", () => {
    expect(isBefore(runs[stack], "core-files-host", "core-prosody-files-prosody-jvb")).toBe(true);
  });

  test("no daemon is set up before its packages, its secrets and what it trusts are there", () => {
    const groups = steps(runs[stack]).filter(({ name }) => /-files-(?!host)/.test(name));
    expect(groups.length).toBeGreaterThan(5);
    for (const { name } of groups) {
      const host = name.replace(/-files-.*$/, "").replace(/^(core-prosody|main)$/, "core");
      for (const step of ["packages", "secrets"]) {
        expect([name, isBefore(runs[stack], `${host}-${step}`, name)]).toEqual([name, true]);
      }
    }
  });

  test("both Prosodys are there before jicofo logs in", () => {
    expect(isBefore(runs[stack], "core-prosody-files-prosody", "core-files-jicofo")).toBe(true);
    expect(isBefore(runs[stack], "core-prosody-files-prosody-jvb", "core-files-jicofo")).toBe(true);
  });

  test("steps of one host run one after the other, but for those that bridges bring to the core, a drain and a verification", () => {
    const run = runs[stack];
    const hostOf = (step: (typeof all)[number]) =>
      (plain(step.inputs["connection"] ?? null) as { host: string }).host;
    const all = steps(run);
    const pairs = all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const));
    const neighbours = pairs.filter(([one, other]) => hostOf(one) === hostOf(other));
    // The helper's lock lets these in one by one.
    const isBrought = (step: (typeof all)[number]) => /-(account|turn-peer)$/.test(step.name);
    const open = neighbours.filter(
      ([one, other]) =>
        !(isBrought(one) && isBrought(other)) &&
        !isBefore(run, one.name, other.name) &&
        !isBefore(run, other.name, one.name),
    );
    expect(neighbours.length).toBeGreaterThan(50);
    const unordered = run.plan.videobridges.flatMap(({ id, hostId }) => [
      [`${id}-drain`, `${hostId}-verification-run`],
      ...(hostId === "core" ? [[`${id}-drain`, "core-former-accounts"]] : []),
    ]);
    const names = open.map(([one, other]) => [one.name, other.name].sort().join(" and "));
    expect(names.sort()).toEqual(unordered.map((pair) => pair.sort().join(" and ")).sort());
    // A drain acts only when it is deleted, the others only when they are not.
    for (const verb of ["create", "delete"]) {
      expect(open.filter((pair) => pair.every(({ inputs }) => inputs[verb] !== undefined))).toEqual([]);
    }
  });

  test("a bridge has its login only after its account is there, and starts with it", () => {
    const run = runs[stack];
    for (const { id, hostId } of run.plan.videobridges) {
      expect(isBefore(run, "core-prosody-files-prosody-jvb", `${id}-account`)).toBe(true);
      const login = hostId === "core" ? `${id}-videobridge-login` : `${id}-secrets`;
      expect(isBefore(run, `${id}-account`, login)).toBe(true);
      expect(isBefore(run, login, `${id}-files-videobridge`)).toBe(true);
    }
  });

  test("former accounts go when every bridge is verified, and before the core is", () => {
    const run = runs[stack];
    for (const { id, hostId } of run.plan.videobridges) {
      const last = hostId === "core" ? `${id}-files-videobridge` : `${id}-verification-run`;
      expect(isBefore(run, last, "core-former-accounts")).toBe(true);
    }
    expect(isBefore(run, "core-former-accounts", "core-verification-run")).toBe(true);
  });

  test("the account of a bridge that goes is there until its drain is over", () => {
    const run = runs[stack];
    for (const { id } of run.plan.videobridges) {
      expect(isBefore(run, `${id}-account`, `${id}-drain`)).toBe(true);
    }
  });

  test("the core is verified at the very end, after everything but the drains, which do nothing yet", () => {
    const run = runs[stack];
    const before = everythingBefore(run, stepOf(run, "core-verification-run"));
    const others = steps(run).filter(({ name }) => name !== "core-verification-run");
    const drains = run.plan.videobridges.map(({ id }) => `${id}-drain`);
    expect(drains.map((name) => stepOf(run, name).inputs["create"])).toEqual(drains.map(() => undefined));
    const later = others.filter(({ label }) => !before.has(label)).map(({ name }) => name);
    expect(later.sort()).toEqual(drains.sort());
  });

  test("nothing depends on a drain, so that bridges that go together are emptied side by side", () => {
    const run = runs[stack];
    const drains = run.plan.videobridges.map(({ id }) => stepOf(run, `${id}-drain`).label);
    const references = run.resources.flatMap(({ name, dependsOn, replaceWith, deletedWith = "" }) =>
      [...dependsOn, ...replaceWith, deletedWith].map((label) => ({ name, label })),
    );
    expect(references.filter(({ label }) => drains.includes(label))).toEqual([]);
  });

  test("a bridge that goes is emptied while it runs and while the core and jicofo are there", () => {
    const run = runs[stack];
    for (const { id } of run.plan.videobridges) {
      const alive = [`${id}-files-videobridge`, "core-files-jicofo", "core-prosody-files-prosody-jvb"];
      expect(alive.filter((step) => !isBefore(run, step, `${id}-drain`))).toEqual([]);
    }
  });

  test("coturn relays to a bridge before it starts and until it is empty", () => {
    const run = runs[stack];
    for (const { id } of run.plan.videobridges) {
      const peer = `${id}-turn-peer`;
      expect(isBefore(run, "core-files-coturn", peer)).toBe(true);
      expect(isBefore(run, peer, `${id}-files-videobridge`)).toBe(true);
      expect(isBefore(run, peer, `${id}-drain`)).toBe(true);
    }
  });
});

test("what bridges bring to a core comes one by one to a server that was there before, whose firewall may limit connections", async () => {
  const sideBySide = (run: Deployment) => {
    const brought = steps(run).filter(({ name }) => /-(account|turn-peer)$/.test(name));
    expect(brought).toHaveLength(4);
    return brought.flatMap((one, index) =>
      brought
        .slice(index + 1)
        .filter((other) => !isBefore(run, one.name, other.name) && !isBefore(run, other.name, one.name)),
    );
  };
  const servers = await deployment(serversStack(["fra-1", "fra-2"]));
  expect(sideBySide(servers)).toEqual([]);
  expect(sideBySide(runs.lab).length).toBeGreaterThan(0);
});

test("no lab machine goes before the drains that still need it have run", () => {
  const { lab } = runs;
  for (const id of ["fra-1", "fra-2"]) {
    const before = everythingBefore(lab, stepOf(lab, `${id}-drain`));
    expect(before).toContain(`command:local:Command ${id}-machine-guest`);
    expect(before).toContain("command:local:Command core-machine-guest");
  }
});

test("nothing is changed on any host before every host was found fit, and none is looked at before all were logged in to", async () => {
  const slow = ["fra-2-bootstrap", "fra-1-preflight"];
  const lab = await deployment(labStack(["fra-1", "fra-2"]), { slow });
  const labels = (kind: string) => ["core", "fra-1", "fra-2"].map((id) => stepOf(lab, `${id}-${kind}`).label);
  const missing = (label: string, wanted: string[]) =>
    wanted.filter((one) => lab.doneBefore.get(label)?.has(one) !== true);
  const changing = steps(lab).filter(({ name }) => !/-(bootstrap|preflight)$/.test(name));
  expect(changing.length).toBeGreaterThan(20);
  for (const { name, label } of changing)
    expect([name, missing(label, labels("preflight"))]).toEqual([name, []]);
  for (const label of labels("preflight"))
    expect([label, missing(label, labels("bootstrap"))]).toEqual([label, []]);
});

test("one more host brings as many dependencies as any other", async () => {
  const edges = async (bridges: number) => {
    const { resources } = await deployment(
      labStack(Array.from({ length: bridges }, (_, index) => `fra-${index}`)),
    );
    return resources.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
  };
  const [few, more, most] = [await edges(2), await edges(4), await edges(6)];
  expect(most - more).toBe(more - few);
});

test("a new bridge waits for no other one, and those that carry people wait for it and for all before it", async () => {
  const stack = labStack(["fra-1", "fra-2", "fra-3"]);
  const run = await deployment(stack, { newBridges: ["fra-2"] });
  const waitsFor = (step: string, id: string) => isBefore(run, `${id}-verification-run`, step);
  expect(waitsFor("fra-2-secrets", "fra-1")).toBe(false);
  expect(waitsFor("fra-2-files-videobridge", "fra-1")).toBe(false);
  expect([waitsFor("fra-3-secrets", "fra-1"), waitsFor("fra-3-secrets", "fra-2")]).toEqual([true, true]);
});

test("a rotation makes every password anew, and no bridge: they change one after the other", async () => {
  const ids = ["fra-1", "fra-2", "fra-3"];
  const rotated = { ...labStack(ids), secrets: { videobridge: 2 } };
  // As the engine has it: what replaces a password is told the run as if there had been none before.
  const run = await deployment(rotated, { newBridges: ids });
  for (const [before, after] of [
    ["fra-1", "fra-2"],
    ["fra-2", "fra-3"],
  ])
    for (const step of [`${after}-secrets`, `${after}-files-videobridge`])
      expect([step, isBefore(run, `${before}-verification-run`, step)]).toEqual([step, true]);
});

test("bridges are prepared side by side, and change one after the other, each verified before the next", () => {
  const { lab } = runs;
  const preparations = ["bootstrap", "preflight", "packages", "files-host"];
  for (const name of preparations.map((step) => `fra-2-${step}`)) {
    const waited = [...everythingBefore(lab, stepOf(lab, name))].filter((label) => label.includes(" fra-1"));
    expect([name, waited]).toEqual([name, []]);
  }
  // Its login as well: until its turn nothing of what a bridge starts with is another one.
  for (const step of ["fra-2-secrets", "fra-2-files-videobridge"]) {
    expect(isBefore(lab, "fra-1-verification-run", step)).toBe(true);
  }
});
