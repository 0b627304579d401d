import { spawnSync } from "node:child_process";
import { isSecret, plain } from "../../lab/plugins/shared/values";
import { INSTALL_HELPER } from "../../components/host/helperModules";
import { changed } from "../unit/configFixtures";
import { deployment, stepOf, steps, type Deployment } from "./support/deployment";
import { textOf, type Registration } from "./support/registration";
import { existingStack, labStack, oneMachineStack, SERVERS, withKey } from "./support/stacks";

const HELPER = "/usr/local/sbin/audio-meet";
const SSH_KEY =
  "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJmKQk2cT1nq0uF2bq1XbJq8H8yJ7iM4x0vJm1c2d3e4\n-----END PRIVATE KEY-----\n";

const connectionOf = (step: Registration) => plain(step.inputs["connection"] ?? null);
const hostOf = ({ name }: Registration) =>
  name
    .replace(/^.*-(account|turn-peer)$/, "core")
    .replace(
      /(-prosody)?-(bootstrap|preflight|packages|secrets|files-.*|videobridge-login|former-accounts|drain|verification-run)$/,
      "",
    );
const isDrain = ({ name }: Registration) => name.endsWith("-drain");
const inputsNamed = (run: Deployment, input: string) =>
  Object.fromEntries(steps(run).map(({ name, inputs }) => [name, inputs[input]]));

let lab: Deployment;
let existing: Deployment;
beforeAll(async () => {
  lab = await deployment(labStack(["fra-1", "fra-2"]));
  existing = await deployment(existingStack(), { sshPrivateKey: SSH_KEY });
});

describe("every step on a host", () => {
  test("knows the host key of the lab machine before the first connection", () => {
    for (const step of steps(lab)) {
      const key = lab.resources.find(({ name }) => name === `${hostOf(step)}-machine-guest`);
      const guest = JSON.parse(textOf(key?.inputs ?? {}, "stdin")) as Record<string, string>;
      expect(connectionOf(step)).toEqual({
        host: guest["address"],
        user: "root",
        port: 22,
        hostKey: guest["hostPublicKey"]?.trim(),
        privateKey: guest["clientPrivateKey"],
        dialErrorLimit: 60,
        perDialTimeout: 10,
      });
    }
  });

  test("is one of eight short fixed command lines, whatever the configuration", () => {
    const verbs = ["drop-former-accounts", "files", "packages", "preflight", "secrets", "verify"].map(
      (verb) => `timeout 1800 ${HELPER} ${verb}`,
    );
    // A verification names the digest of what it verifies, the end of former accounts that of the accounts.
    const lines = steps(lab)
      .flatMap(({ inputs }) => (inputs["create"] as string | undefined) ?? [])
      .map((line) => line.replace(/ (verify|drop-former-accounts) [0-9a-f]{16}$/, " $1"));
    expect([...new Set(lines)].sort()).toEqual([...verbs, `timeout 1800 ${INSTALL_HELPER}`].sort());
    expect(INSTALL_HELPER.length).toBeLessThan(150);
    const undo = steps(lab).map(({ inputs }) => textOf(inputs, "delete"));
    expect(Math.max(...undo.map(({ length }) => length))).toBeLessThan(100);
  });

  test("sets nothing that sshd refuses, that replaces the step, or that updates differently from a first run", () => {
    for (const { name, inputs } of steps(lab)) {
      expect(inputs["addPreviousOutputInEnv"]).toBe(false);
      // A bridge at another address is to be replaced as a peer of TURN, so that the old one stays until it is empty.
      const keys = Object.keys(inputs).filter((key) => key !== "triggers" || !name.endsWith("-turn-peer"));
      expect(keys).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(environment|triggers|update)$/)]),
      );
    }
  });

  test("hides nothing in a diff but its connection, and never deletes before it replaces", () => {
    for (const step of steps(lab)) {
      expect(step.hideDiffs).toEqual(["connection"]);
      expect(isSecret(step.inputs["connection"] ?? null)).toBe(true);
      expect(step.deleteBeforeReplace).toBe(false);
    }
  });

  test("that carries secrets is silent, and no other one is", () => {
    const silent = ({ inputs }: Registration) => inputs["logging"] === "none";
    expect(
      steps(lab)
        .filter(silent)
        .map(({ name }) => name),
    ).toEqual(["core-secrets", "fra-1-account", "fra-1-secrets", "fra-2-account", "fra-2-secrets"]);
    for (const step of steps(lab).filter(silent)) {
      expect(step.additionalSecretOutputs).toEqual(expect.arrayContaining(["stdout", "stderr"]));
    }
  });
});

describe("a lab machine that is replaced", () => {
  test("gets every step again and takes the old ones along without undoing them", () => {
    for (const step of steps(lab).filter((one) => !isDrain(one))) {
      const guest = `command:local:Command ${hostOf(step)}-machine-guest`;
      expect(step).toMatchObject({ replaceWith: [guest], deletedWith: guest });
    }
  });

  test("is drained before it goes, also when it is the core's own", async () => {
    for (const [run, id, host] of [
      [lab, "fra-1", "fra-1"],
      [await deployment(oneMachineStack()), "main", "core"],
    ] as const) {
      const drain = stepOf(run, `${id}-drain`);
      expect(drain.replaceWith).toEqual([`command:local:Command ${host}-machine-guest`]);
      expect(drain.deletedWith).toBeUndefined();
      expect(drain.inputs["create"]).toBeUndefined();
      expect(drain.inputs["delete"]).toBe(`timeout 900 ${HELPER} drain`);
    }
  });

  test("lives beside its successor until everything has moved", () => {
    const guest = lab.resources.find(({ name }) => name === "fra-1-machine-guest");
    expect(guest).toMatchObject({ deleteBeforeReplace: false, replaceWith: [] });
    expect(guest?.inputs["delete"]).toMatch(/^lab\/hosts\/lab delete am-[0-9a-f]{6}-fra-1-g1$/);
  });
});

test("jitsi:drain bounds how long a drain may take, with five minutes for the rest", async () => {
  const run = await deployment(withKey(labStack(["fra-1"]), "drain", { deadlineMinutes: 30 }));
  const { inputs } = stepOf(run, "fra-1-drain");
  expect(inputs["delete"]).toBe(`timeout 2100 ${HELPER} drain`);
  expect(JSON.parse(textOf(inputs, "stdin"))).toMatchObject({
    deadlineMinutes: 30,
    unit: "jitsi-videobridge2.service",
  });
});

describe("a server that exists", () => {
  test("is reached through the jump host with both host keys pinned", () => {
    const common = { perDialTimeout: 4, privateKey: SSH_KEY };
    for (const step of steps(existing)) {
      const server = SERVERS[hostOf(step) as "core" | "fra-1"];
      // A login that a server refuses is tried once; what the jump host dials again is no login.
      expect(connectionOf(step)).toEqual({
        ...server,
        ...common,
        dialErrorLimit: 23,
        proxy: { ...SERVERS.jump, ...common, dialErrorLimit: 0 },
      });
    }
  });

  test("without jitsi:sshPrivateKey is left to the SSH agent", async () => {
    for (const step of steps(await deployment(existingStack()))) {
      expect(connectionOf(step)).toMatchObject({
        hostKey: SERVERS[hostOf(step) as "core" | "fra-1"].hostKey,
      });
      expect(JSON.stringify(connectionOf(step))).not.toContain("privateKey");
    }
  });

  test("is neither created nor replaced: no step hangs on a machine of ours", () => {
    const local = existing.resources.filter(({ type }) => type === "command:local:Command");
    expect(local.map(({ name }) => name)).toEqual(["core-ear"]);
    for (const step of steps(existing)) {
      expect(step.replaceWith).toEqual([]);
      expect(step.deletedWith).toBeUndefined();
    }
  });

  test("asks for sudo without a password, and for none where root logs in", () => {
    const line = (step: Registration) =>
      [step.inputs["create"], step.inputs["delete"]].filter((one) => one !== undefined);
    for (const step of steps(existing)) {
      const proof = step.name === "core-bootstrap" ? "(sudo -n true \\|\\| .* exit 1; }; )?" : "";
      const start = hostOf(step) === "core" ? `${proof}sudo -n timeout ` : "timeout ";
      for (const command of line(step)) expect(command).toMatch(new RegExp(`^${start}`));
    }
  });

  test.each([
    ["anna.berg", "anna.berg ALL=(ALL) NOPASSWD: ALL"],
    ["svc@example.org", "svc\\@example.org ALL=(ALL) NOPASSWD: ALL"],
    ["EXAMPLE\\svc", "EXAMPLE\\\\svc ALL=(ALL) NOPASSWD: ALL"],
  ])("says the line that lets %s use sudo, for any shell", async (user, entry) => {
    const stack = changed(existingStack(), ["regions", 0, "machines"], { provider: "existing", user });
    const run = await deployment(stack, { sshPrivateKey: SSH_KEY });
    const create = textOf(stepOf(run, "core-bootstrap").inputs, "create");
    const proof = create.slice(0, create.indexOf("sudo -n timeout"));
    const { stderr } = spawnSync("sh", ["-c", `sudo() { return 1; }; ${proof}`], { encoding: "utf8" });
    const [, remedy = ""] = /allow it: (.*) >\/etc\/sudoers.d\/audio-meet\n$/.exec(stderr) ?? [];
    expect(spawnSync("sh", ["-c", remedy], { encoding: "utf8" }).stdout).toBe(`${entry}\n`);
  });

  test("is left as it was found: every step that puts something there has its undo", () => {
    const undo = (verb: string) => `timeout 1800 ${HELPER} ${verb}`;
    const { "fra-1-drain": drain, ...rest } = inputsNamed(existing, "delete");
    expect(drain).toBe(`timeout 900 ${HELPER} drain`);
    expect(rest).toEqual({
      "fra-1-account": `sudo -n ${undo("remove account-fra-1")}`,
      "core-bootstrap": `sudo -n ${undo("uninstall")}`,
      "core-files-host": `sudo -n ${undo("remove host")}`,
      "core-files-coturn": `sudo -n ${undo("remove coturn")}`,
      "fra-1-turn-peer": `sudo -n ${undo(`remove turn-peer-fra-1-${SERVERS["fra-1"].host}`)}`,
      "core-files-watchdog": `sudo -n ${undo("remove watchdog")}`,
      "core-files-jicofo": `sudo -n ${undo("remove jicofo")}`,
      "core-files-meet": `sudo -n ${undo("remove meet")}`,
      "core-files-nginx": `sudo -n ${undo("remove nginx")}`,
      "core-prosody-files-prosody": `sudo -n ${undo("remove prosody")}`,
      "core-prosody-files-prosody-jvb": `sudo -n ${undo("remove prosody-jvb")}`,
      "core-former-accounts": undefined,
      "core-preflight": undefined,
      "core-packages": `sudo -n ${undo("remove-packages")}`,
      "core-secrets": `sudo -n ${undo("remove secrets")}`,
      "core-verification-run": undefined,
      "fra-1-bootstrap": undo("uninstall"),
      "fra-1-files-host": undo("remove host"),
      "fra-1-files-videobridge": undo("remove videobridge"),
      "fra-1-preflight": undefined,
      "fra-1-packages": undo("remove-packages"),
      "fra-1-secrets": undo("remove secrets"),
      "fra-1-verification-run": undefined,
    });
  });
});
