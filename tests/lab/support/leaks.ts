import { readdirSync, readFileSync } from "node:fs";
import type { LabStack, StoredResource } from "./labStack";

/** Marks a secret in an exported state (Pulumi's own signature of a secret value). */
const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Where secrets belong on a host: files that only root or the one daemon reads. */
const MEANT_FOR_SECRETS = [
  "/etc/audio-meet/secrets/",
  "/etc/prosody/certs/audio-meet/main.key",
  "/etc/prosody-jvb/certs/tech.key",
  "/etc/ssh/ssh_host_ed25519_key",
  // Made when coturn starts, for its user: the secret of its credentials, and a copy of the page's key.
  "/run/audio-meet-coturn/",
];

/** Passwords by resource name, as they really are. */
export async function secretsOf(stack: LabStack): Promise<Record<string, string>> {
  const resources = await stack.resources(true);
  const passwords = resources.filter(({ type }) => type === "random:index/randomPassword:RandomPassword");
  return Object.fromEntries(passwords.map((one) => [nameOf(one), plaintext(one, "result")]));
}

/** Every text whose appearance anywhere is a leak: each password, and a line out of the middle of each private key. */
async function forbidden(stack: LabStack): Promise<string[]> {
  const keys = (await stack.resources(true)).filter(({ type }) => type === "tls:index/privateKey:PrivateKey");
  const lines = keys.flatMap((key) =>
    ["privateKeyPem", "privateKeyOpenssh"].flatMap((output) => middleLine(plaintext(key, output)) ?? []),
  );
  return [...Object.values(await secretsOf(stack)), ...lines];
}

/** All places in which a secret of the stack was found, in words; none is the only good answer. */
export async function leaks(stack: LabStack, seen: Record<string, string>): Promise<string[]> {
  const secrets = await forbidden(stack);
  const texts: Record<string, string> = {
    ...seen,
    "the state": JSON.stringify(await stack.resources()),
    "the preview": (await stack.preview("--diff")).output,
    "the preview as JSON": (await stack.preview("--json")).output,
  };
  const found = Object.entries(texts)
    .filter(([, text]) => secrets.some((secret) => text.includes(secret)))
    .map(([place]) => place);
  const { ssh } = await stack.outputs<{ ssh: Record<string, string> }>();
  for (const host of Object.keys(ssh)) found.push(...(await leaksOn(stack, host, secrets)));
  return found;
}

/** Files and journal of one host. The patterns travel on stdin like every secret. */
async function leaksOn(stack: LabStack, host: string, secrets: string[]): Promise<string[]> {
  const script = `
    patterns=$(mktemp -p /dev/shm); cat >"$patterns" <<'PATTERNS'
${secrets.join("\n")}
PATTERNS
    grep -rlF -f "$patterns" --devices=skip /etc /var /run /root /home /opt /srv /tmp /usr/local 2>/dev/null
    journalctl -q --no-pager | grep -qF -f "$patterns" && echo "the journal"
    rm -f "$patterns"`;
  const printed = await stack.on(host, script);
  return printed
    .split("\n")
    .filter((place) => place && !MEANT_FOR_SECRETS.some((meant) => place.startsWith(meant)))
    .map((place) => `${place} on ${host}`);
}

/** Command lines of every process on this machine, guests included, sampled until `stop`. */
export function watchProcesses(intervalMilliseconds = 40): { stop: () => string } {
  const lines = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        lines.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      } catch {
        // The process ended between the two calls.
      }
    }
  }, intervalMilliseconds);
  return {
    stop: () => {
      clearInterval(timer);
      return [...lines].join("\n");
    },
  };
}

function nameOf(resource: StoredResource): string {
  return (resource.urn.split("::").at(-1) ?? "").replace(/^meet-/, "");
}

function plaintext(resource: StoredResource, output: string): string {
  const value = resource.outputs?.[output] as Record<string, string> | undefined;
  if (value?.[SECRET_SIGNATURE] === undefined) throw new Error(`${resource.urn}: ${output} is not a secret`);
  return JSON.parse(value["plaintext"] ?? '""') as string;
}

function middleLine(pem: string): string | undefined {
  return pem
    .trim()
    .split("\n")
    .slice(1, -1)
    .find((line) => line.length >= 40 && !line.startsWith("b3BlbnNzaC1rZXk"));
}
