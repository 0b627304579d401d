import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { mustRun } from "../../../lab/run";

/** The lab's bridge, as guests see this machine. */
export const HERE = "10.213.0.1";
const MODULE = join(__dirname, "..", "..", "..", "lab", "acme");
const DNS_PORT = 53;
const DNS_MANAGEMENT_PORT = 8655;
const START_SECONDS = 15;

/** The service's own sandbox, with the word that makes it renew at once. */
export const RENEW_NOW = `
  install -d /run/systemd/system/audio-meet-certificate.service.d
  printf '[Service]\\nExecStart=\\nExecStart=/usr/local/sbin/audio-meet renew-certificate now\\n' \\
    >/run/systemd/system/audio-meet-certificate.service.d/now.conf
  systemctl daemon-reload
  systemctl start audio-meet-certificate.service
  rm -r /run/systemd/system/audio-meet-certificate.service.d
  systemctl daemon-reload`;

/** Key id → HMAC key, base64url. */
export type ExternalAccounts = Record<string, string>;

/** Builds Pebble and its DNS server from Go modules into the cache; returns the folder. */
async function programs(): Promise<string> {
  const cache = process.env["AUDIO_MEET_CACHE"] ?? join(homedir(), ".cache", "audio-meet");
  const folder = join(cache, "acme");
  mkdirSync(folder, { recursive: true });
  const packages = ["pebble", "pebble-challtestsrv"].map(
    (name) => `github.com/letsencrypt/pebble/v2/cmd/${name}`,
  );
  const env = { ...process.env, CGO_ENABLED: "0" };
  await mustRun("go", ["-C", MODULE, "build", "-trimpath", "-o", `${folder}/`, ...packages], { env });
  return folder;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_SECONDS * 1000;
  for (;;) {
    const asked = await mustRun("curl", ["-sk", "--max-time", "2", "-o", "/dev/null", url]).catch(
      () => undefined,
    );
    if (asked) return;
    if (child.exitCode !== null || Date.now() > until) throw new Error(`nothing answers at ${url}`);
    await pause(100);
  }
}

/** A DNS server that knows nothing but what it is told. */
export class NameServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
  ) {}

  /** Listens at an address of this machine that no other file of tests takes: they run side by side. Guests reach `HERE` alone. */
  static async start(address: string): Promise<NameServer> {
    const off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""];
    const on = ["-dnsserver", `${address}:${DNS_PORT}`, "-management", `${address}:${DNS_MANAGEMENT_PORT}`];
    const options = [...on, ...off, "-defaultIPv4", "", "-defaultIPv6", ""];
    const child = spawn(join(await programs(), "pebble-challtestsrv"), options, { stdio: "ignore" });
    await answers(`http://${address}:${DNS_MANAGEMENT_PORT}/`, child);
    return new NameServer(child, address);
  }

  /** The name leads to these addresses, and to no others. */
  async set(host: string, addresses: string[]): Promise<void> {
    await this.tell("clear-a", { host });
    await this.tell("add-a", { host, addresses });
  }

  stop(): void {
    this.child.kill();
  }

  private async tell(what: string, body: object): Promise<void> {
    const url = `http://${this.address}:${DNS_MANAGEMENT_PORT}/${what}`;
    await mustRun("curl", ["-sSf", "-d", JSON.stringify(body), url]);
  }
}

/** An ACME authority on this machine: Let's Encrypt's own small server for tests. */
export class Pebble {
  private child: ChildProcess | undefined;
  private readonly log: string;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly names: NameServer,
    private readonly program: string,
  ) {
    this.log = join(folder, "log");
  }

  /** Listens at `port` and, for its managers, at the next one; asks `names` for addresses. With `accounts` it serves nobody else; `name` is one more of its own. */
  static async start(
    folder: string,
    port: number,
    names: NameServer,
    { accounts, name = "localhost" }: { accounts?: ExternalAccounts; name?: string } = {},
  ): Promise<Pebble> {
    mkdirSync(folder, { recursive: true });
    const [certificate, privateKey] = [join(folder, "tls.pem"), join(folder, "tls.key")];
    const extensions = [
      `subjectAltName=IP:${HERE},DNS:${name}`,
      "keyUsage=critical,digitalSignature,keyCertSign",
    ];
    await mustRun("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2"],
      ...["-subj", `/CN=pebble ${port}`, ...extensions.flatMap((one) => ["-addext", one])],
      ...["-keyout", privateKey, "-out", certificate],
    ]);
    const pebble = {
      listenAddress: `${HERE}:${port}`,
      managementListenAddress: `127.0.0.1:${port + 1}`,
      ...{ certificate, privateKey, httpPort: 80, tlsPort: 443, ocspResponderURL: "" },
      externalAccountBindingRequired: accounts !== undefined,
      externalAccountMACKeys: accounts ?? {},
      retryAfter: { authz: 1, order: 1 },
      profiles: { default: { description: "90 days", validityPeriod: 90 * 24 * 3600 } },
    };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ pebble }));
    const made = new Pebble(folder, port, names, join(await programs(), "pebble"));
    await made.run();
    return made;
  }

  get directory(): string {
    return `https://${HERE}:${this.port}/dir`;
  }

  /** Who signed its own certificate and who signs those that it issues, PEM. */
  async authorities(): Promise<string> {
    const root = await mustRun("curl", ["-sSk", `https://127.0.0.1:${this.port + 1}/roots/0`]);
    return readFileSync(join(this.folder, "tls.pem"), "utf8") + root.stdout;
  }

  /** How many orders it has taken so far, and how many certificates it has issued. */
  seen(): { orders: number; issued: number } {
    const text = readFileSync(this.log, "utf8");
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    return { orders: count(/Added order/g), issued: count(/Issued certificate/g) };
  }

  /** Freezes it: connections are taken, nothing is answered. */
  freeze(isFrozen: boolean): void {
    this.child?.kill(isFrozen ? "SIGSTOP" : "SIGCONT");
  }

  stop(): void {
    this.child?.kill("SIGCONT");
    this.child?.kill();
  }

  private async run(): Promise<void> {
    const options = [
      "-config",
      join(this.folder, "config.json"),
      "-dnsserver",
      `${this.names.address}:${DNS_PORT}`,
    ];
    const env = { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" };
    const script = 'log=$1; shift; exec "$@" >"$log" 2>&1';
    this.child = spawn("sh", ["-c", script, "sh", this.log, this.program, ...options], {
      env,
      stdio: "ignore",
    });
    await answers(this.directory, this.child);
  }
}
