import { hasUnknown, isSecret, plain, type Properties, type Value } from "../../lab/plugins/shared/values";
import { groupsOf, packagesFor } from "../../services/onHost";
import { withWhoNotices } from "../../services/whoNotices";
import { documentOf, filesOf } from "./support/compare";
import { deployment, stepOf, steps, type Deployment } from "./support/deployment";
import { secretsSoFar } from "./support/providers";
import { awsStack, existingStack, labStack, oneMachineStack, withKey } from "./support/stacks";

const SSH_KEY_LINE = "MC4CAQAwBQYDK2VwBCIEIJmKQk2cT1nq0uF2bq1XbJq8H8yJ7iM4x0vJm1c2d3e4";
const SSH_KEY = `-----BEGIN PRIVATE KEY-----\n${SSH_KEY_LINE}\n-----END PRIVATE KEY-----\n`;

/** Every text in a value that is outside of a secret marker, names of keys included. */
function shownTexts(value: Value): string[] {
  if (isSecret(value)) return [];
  if (Array.isArray(value)) return value.flatMap(shownTexts);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, item]) => [key, ...shownTexts(item)]);
  return [String(value)];
}

/** Every text inside of secret markers. */
function hiddenTexts(value: Value): string[] {
  if (isSecret(value)) return shownTexts(plain(value));
  if (Array.isArray(value)) return value.flatMap(hiddenTexts);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(hiddenTexts) : [];
}

/** A text without line ends and without the frames of keys, however deep it was packed into JSON. */
function compact(text: string): string {
  return text.replace(/-----[A-Z ]+-----/g, "").replace(/\\+n|\n/g, "");
}

/** The secrets of the deployments so far that occur in the texts, by name. */
function found(texts: string[]): string[] {
  const text = compact(texts.join("\n"));
  const secrets = [...secretsSoFar(), { output: "sshPrivateKey", value: SSH_KEY }];
  return secrets.filter(({ value }) => text.includes(compact(value))).map(({ output }) => output);
}

/** Everything that the program hands to the engine. */
function handedOver({ resources, outputs, componentOutputs }: Deployment): Properties[] {
  return [...resources.map(({ inputs }) => inputs), outputs, ...componentOutputs];
}

/** Name of the step that brings a group of files to a host. */
function stepNameOf({ plan }: Deployment, hostId: string, group: string): string {
  const peer = plan.videobridges.find(({ id }) => group.startsWith(`turn-peer-${id}-`));
  if (peer) return `${peer.id}-turn-peer`;
  const bridge = plan.videobridges.find((one) => one.hostId === hostId);
  if (group === "videobridge" && bridge) return `${bridge.id}-files-videobridge`;
  return `${hostId}${group.startsWith("prosody") ? "-prosody" : ""}-files-${group}`;
}

describe.each([
  ["lab machines", labStack(["fra-1", "fra-2"])],
  ["servers that exist", existingStack()],
  ["one machine", oneMachineStack()],
  ["instances in two regions", awsStack()],
  [
    "a rotation",
    withKey(labStack(["fra-1"]), "secrets", { focusClient: 2, focusService: 3, videobridge: 4 }),
  ],
])("%s", (_, config) => {
  let run: Deployment;
  beforeAll(async () => {
    run = await deployment(config, { sshPrivateKey: SSH_KEY });
  });

  test("no password and no private key appears in any input or output outside of a secret", () => {
    const shown = handedOver(run).flatMap(shownTexts);
    expect(found(shown)).toEqual([]);
    expect(shown.filter((text) => text.includes("PRIVATE KEY"))).toEqual([]);
  });

  test("the same search finds what the core gets as a secret: three passwords, the keys of both Prosodys and of the page", () => {
    const sent = hiddenTexts(stepOf(run, "core-secrets").inputs["stdin"] ?? null);
    const keys = ["privateKeyPem", "privateKeyPem", "privateKeyPem"];
    expect(found(sent).sort()).toEqual([...keys, "result", "result", "result"]);
  });
});

test("a bridge's machine gets its own password and no other secret, and the core the same one", async () => {
  const run = await deployment(labStack(["fra-1", "fra-2"]));
  const login = stepOf(run, "fra-1-secrets");
  expect(Object.keys(filesOf(login)).filter((path) => !path.startsWith("/etc/jitsi/trust/"))).toEqual([
    "/etc/audio-meet/secrets/videobridge.env",
  ]);
  expect(found(hiddenTexts(login.inputs["stdin"] ?? null))).toEqual(["result"]);
  const passwords = ["fra-1", "fra-2"].map((id) => {
    const [account] = Object.values(filesOf(stepOf(run, `${id}-account`)));
    return account?.content ?? "";
  });
  expect(new Set(passwords).size).toBe(2);
  const texts = hiddenTexts(login.inputs["stdin"] ?? null).join();
  expect(passwords.map((password) => texts.includes(password))).toEqual([true, false]);
});

test("jitsi:sshPrivateKey goes into the connections to servers that exist and nowhere else", async () => {
  const run = await deployment(existingStack(), { sshPrivateKey: SSH_KEY });
  const carriers = run.resources.flatMap(({ name, inputs }) =>
    Object.entries(inputs)
      .filter(([, value]) => hiddenTexts(value).join("\n").includes(SSH_KEY_LINE))
      .map(([input]) => `${name}.${input}`),
  );
  expect(carriers.sort()).toEqual(
    steps(run)
      .map(({ name }) => `${name}.connection`)
      .sort(),
  );
});

/** "<step>.<input>" of what a first preview cannot show. */
function unknownInputs(run: Deployment): string[] {
  return steps(run).flatMap(({ name, inputs }) =>
    Object.entries(inputs)
      .filter(([, value]) => hasUnknown(plain(value)))
      .map(([key]) => `${name}.${key}`),
  );
}

const needCredentials = (...bridges: string[]) => [
  ...bridges.map((id) => `${id}-account.stdin`),
  ...["core", ...bridges].flatMap((id) => [`${id}-secrets.stdin`, `${id}-verification-run.create`]),
];

describe.each([
  ["lab machines", labStack(["fra-1", "fra-2"])],
  ["servers that exist", existingStack()],
  ["one machine", oneMachineStack()],
])("the first preview of %s", (_, config) => {
  let run: Deployment;
  beforeAll(async () => {
    run = await deployment(config, { preview: true });
  });

  test("shows every file that holds no secret, as it will be on the host", () => {
    for (const { id } of run.plan.hosts) {
      const groups = groupsOf(run.plan, id);
      expect(groups.length).toBeGreaterThan(0);
      for (const group of groups) {
        const step = stepOf(run, stepNameOf(run, id, group.group));
        // A secret text would be shown as "[secret]" and a single line, not as the files in it.
        expect(typeof step.inputs["stdin"]).toBe("string");
        expect(documentOf(step)).toEqual(JSON.parse(JSON.stringify(withWhoNotices(group, run.plan))));
      }
    }
  });

  test("shows the packages and their versions", () => {
    for (const host of run.plan.hosts) {
      expect(documentOf(stepOf(run, `${host.id}-packages`))).toEqual(packagesFor(run.plan, host));
    }
  });
});

test("the first preview of lab machines leaves open what needs a key: connections, secrets, verification", async () => {
  const run = await deployment(labStack(["fra-1", "fra-2"]), { preview: true });
  const connections = steps(run).map(({ name }) => `${name}.connection`);
  const expected = [...connections, ...needCredentials("fra-1", "fra-2")];
  expect(unknownInputs(run).sort()).toEqual(expected.sort());
});

test("the first preview of servers that exist knows every connection as well", async () => {
  const run = await deployment(existingStack(), { preview: true });
  expect(unknownInputs(run).sort()).toEqual(needCredentials("fra-1").sort());
});

test("the first preview names the parts of the deployment that are known, and waits with what hosts report", async () => {
  const { outputs } = await deployment(labStack(["fra-1"]), { preview: true });
  const open = Object.entries(outputs).filter(([, value]) => hasUnknown(plain(value)));
  expect(open.map(([key]) => key).sort()).toEqual(["bridges", "caPem", "capacity", "health", "knownHosts"]);
  expect(outputs["url"]).toBe("https://meet.example.org");
});
