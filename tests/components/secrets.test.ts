import { isSecret, plain, type Properties, type Value } from "../../lab/plugins/shared/values";
import { deployment, stepOf, type Deployment } from "./support/deployment";
import { statesSoFar } from "./support/providers";
import { existingStack, labStack, oneMachineStack, withKey } from "./support/stacks";

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

/** Texts inside secret markers. */
function hiddenTexts(value: Value): string[] {
  if (isSecret(value)) return shownTexts(plain(value));
  if (Array.isArray(value)) return value.flatMap(hiddenTexts);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(hiddenTexts) : [];
}

/** What to look for: passwords and hashes whole, of keys each line but the frame, which every key has. */
function needles(): string[] {
  const texts = statesSoFar()
    .flatMap((state) => Object.values(state).flatMap(hiddenTexts))
    .filter((text) => !text.startsWith("{"));
  return [...new Set(texts.flatMap((text) => text.split("\n")))].filter(
    (line) => line.length >= 16 && !line.startsWith("-----") && !OPENSSH_HEADER.test(line),
  );
}

/** The first line of an OpenSSH key holds its format and no more: it is the same in all of them. */
const OPENSSH_HEADER = /^b3BlbnNzaC1rZXktdjE/;

/** Everything that the program hands to the engine. */
function handedOver({ resources, outputs, componentOutputs }: Deployment): Properties[] {
  return [...resources.map(({ inputs }) => inputs), outputs, ...componentOutputs];
}

describe.each([
  ["lab machines", labStack(["fra-1", "fra-2"])],
  ["servers that exist", existingStack()],
  ["one machine", oneMachineStack()],
  [
    "a rotation",
    withKey(labStack(["fra-1"]), "secrets", { focusClient: 2, focusService: 3, videobridge: 4 }),
  ],
])("%s", (_, config) => {
  test("no password and no private key appears in any input or output outside of a secret", async () => {
    const run = await deployment(config, { sshPrivateKey: SSH_KEY });
    const shown = handedOver(run)
      .flatMap((values) => shownTexts(values))
      .join("\n");
    const found = [...needles(), SSH_KEY_LINE].filter((needle) => shown.includes(needle));
    expect(found).toEqual([]);
  });

  test("the sweep would see them: each password and each key of Prosody travels to the core in a secret", async () => {
    const run = await deployment(config, { sshPrivateKey: SSH_KEY });
    const sent = hiddenTexts(stepOf(run, "core-secrets").inputs["stdin"] ?? null).join("\n");
    const files = Object.values((JSON.parse(sent) as { files: Record<string, { content: string }> }).files);
    const known = new Set(needles());
    const lines = files.flatMap(({ content }) => content.split("\n"));
    const passwords = lines.filter((line) => known.has(line));
    // Three passwords, each alone in a file, and two keys in PEM form of three lines each.
    expect(passwords).toHaveLength(9);
  });
});

test("a bridge's machine gets the bridges' password and no other secret", async () => {
  const run = await deployment(labStack(["fra-1"]));
  const sent = (name: string) =>
    (JSON.parse(String(plain(stepOf(run, name).inputs["stdin"] ?? null))) as { files: object }).files;
  expect(Object.keys(sent("fra-1-secrets"))).toEqual(["/etc/audio-meet/secrets/videobridge.env"]);
  expect(Object.keys(sent("core-secrets"))).not.toContain("/etc/audio-meet/secrets/videobridge.env");
});

test("the keys of jitsi:sshPrivateKey stay in the connections of servers that exist", async () => {
  const run = await deployment(existingStack(), { sshPrivateKey: SSH_KEY });
  const carriers = run.resources.filter(({ inputs }) =>
    hiddenTexts(inputs).join("\n").includes(SSH_KEY_LINE),
  );
  const commands = run.resources.filter(({ type }) => type === "command:remote:Command");
  expect(carriers).toEqual(commands);
  for (const { inputs } of carriers) {
    const { connection: _connection, ...rest } = inputs;
    expect(hiddenTexts(rest).join("\n")).not.toContain(SSH_KEY_LINE);
  }
});
