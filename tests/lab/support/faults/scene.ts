import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { build, type Target } from "../../../../bench/generator";
import { labName } from "../../../../facts/labHost";
import { mustInGuest } from "../guests";
import { labConfig } from "../labConfig";
import { LabStack, type StackConfig } from "../labStack";
import { Crowd } from "./crowd";
import { BRIDGES, type Host } from "./fault";
import { type AlertLook, type BridgeLook, type CoreLook, Watch } from "./watch";

/** Daemons of the core that people or bridges need. */
const UNITS = ["prosody", "prosody-jvb", "jicofo", "nginx", "coturn"];
/** Prometheus asks and judges so often here, so that a fault of some seconds is seen; a deployment has 15 s. */
const LOOKS_SECONDS = 3;
const PROMETHEUS = "/etc/audio-meet/prometheus/prometheus.yml";
const RELOAD = "systemctl reload prometheus";
/** A bridge says each 5 s what it carries. */
const HEARD_MILLISECONDS = 6000;
/** What was seen longer ago says nothing of now. */
const FRESH_MILLISECONDS = 5000;
/** A guest that is not there is looked for so often. */
const AGAIN_SECONDS = 2;

/** A core and three bridges beside it. */
export function threeBridges(domain: string, more: StackConfig = {}, monitoring = false): StackConfig {
  const region = {
    name: "local",
    machines: { provider: "lab" },
    core: {},
    ...(monitoring && { monitoring: {} }),
  };
  return labConfig(domain, {
    "jitsi:regions": [{ ...region, videobridges: BRIDGES.map((id) => ({ id })) }],
    ...more,
  });
}

/** A deployment with people in it, who are watched. */
export class Scene {
  /** By the name of the guest. */
  readonly bridges = new Map<string, Watch<BridgeLook>>();
  crowd!: Crowd;
  core!: Watch<CoreLook>;
  alerts: Watch<AlertLook> | undefined;
  private readonly generations = new Map<string, number>();
  /** One that no crowd is in, and another one each time: jicofo ends what it does not know of. */
  private conference = "none";
  private readonly folder = mkdtempSync(join(tmpdir(), "faults-"));

  constructor(
    readonly stack: LabStack,
    private readonly domain: string,
  ) {}

  /** The room that the crowd is in. */
  get room(): string {
    return `stays@conference.${this.domain}`;
  }

  /** Which machine of that name it is by now. */
  generationOf(host: string): number {
    return this.generations.get(host) ?? 1;
  }

  /** Another machine takes the place of a host at the next `up`. */
  renew(host: string): void {
    this.generations.set(host, this.generationOf(host) + 1);
  }

  guest(host: string): string {
    return labName(this.domain, host, this.generationOf(host));
  }

  async on(host: Host | "monitoring", shell: string): Promise<string> {
    return mustInGuest(this.stack, this.guest(host), shell);
  }

  async watch(monitoring = false): Promise<void> {
    this.core = new Watch(this.stack, this.guest("core"), ["core", ...UNITS]);
    this.rewatch();
    if (!monitoring) return;
    const often = `s/(scrape|evaluation)_interval: .*/\\1_interval: ${LOOKS_SECONDS}s/; s/(scrape_timeout): .*/\\1: ${LOOKS_SECONDS}s/`;
    await this.on(
      "monitoring",
      `cp -a ${PROMETHEUS} /root/kept; sed -i -E '${often}' ${PROMETHEUS}; ${RELOAD}`,
    );
    this.alerts = new Watch(this.stack, this.guest("monitoring"), ["alerts"]);
  }

  /** Prometheus judges as it was deployed. */
  async asDeployed(): Promise<void> {
    this.alerts?.close();
    await this.on("monitoring", `cp -a /root/kept ${PROMETHEUS}; ${RELOAD}`);
  }

  /** Looks at the machines that the bridges have now. */
  rewatch(ids: readonly Host[] = BRIDGES): void {
    for (const watch of this.bridges.values()) watch.close();
    this.bridges.clear();
    for (const guest of ids.map((id) => this.guest(id)))
      this.bridges.set(guest, new Watch(this.stack, guest, ["bridge"]));
  }

  /** Looks as well at the machines that the next `up` makes, once they are there. */
  watchNext(ids: readonly Host[]): void {
    for (const guest of ids.map((id) => this.guest(id)).filter((name) => !this.bridges.has(name)))
      this.bridges.set(guest, new Watch(this.stack, guest, ["bridge"], AGAIN_SECONDS));
  }

  /** Where the deployment is, and whom to trust. */
  async target(): Promise<Target> {
    const { caPem, dns } = await this.stack.outputs<{ caPem: string; dns: Record<string, string> }>();
    const caFile = join(this.folder, "ca.pem");
    writeFileSync(caFile, caPem);
    return { domain: this.domain, address: `${dns[this.domain] ?? ""}:443`, caFile };
  }

  /** People come, and so many seconds later all of them are in. */
  async fill(size: number, more: string[] = []): Promise<void> {
    this.crowd = new Crowd(await build("stays", this.folder), await this.target(), size, more);
    await this.crowd.complete(60);
  }

  /** So many people on these bridges, as the stand-in counts them, and on no other; jicofo has heard of them afterwards. */
  async occupy(counts: Partial<Record<Host, number>>, conference?: string): Promise<void> {
    const former = this.conference;
    this.conference = conference ?? `of-the-bridges-${Date.now()}`;
    const url = "http://127.0.0.1:8080/standin/endpoints";
    const put = (conference: string, number: number) =>
      `curl -sf -H 'Content-Type: application/json' -d '${JSON.stringify({ count: number, conference })}' ${url}`;
    for (const id of BRIDGES) await this.on(id, `${put(former, 0)} || true`).catch(() => undefined);
    for (const [id, count] of Object.entries(counts)) await this.on(id as Host, put(this.conference, count));
    await pause(HEARD_MILLISECONDS);
  }

  /** Nobody is on a bridge any more, by whatever way he came there: a bridge that goes is drained first. */
  private async empty(id: Host): Promise<void> {
    const url = "http://127.0.0.1:8080";
    const names = `import json, sys; print(*json.load(sys.stdin)["conferences"], sep="\\n")`;
    // Some faults and changes leave a bridge away.
    await this.on(
      id,
      `curl -sf ${url}/debug | python3 -c '${names}' | while read -r name; do
         [ -z "$name" ] || curl -sf -d "{\\"count\\": 0, \\"conference\\": \\"$name\\"}" ${url}/standin/endpoints; done`,
    ).catch(() => undefined);
  }

  /** People on all bridges together, but one where it is named. */
  carried(but?: Host): number {
    const left = but === undefined ? undefined : this.guest(but);
    const others = [...this.bridges].flatMap(([guest, { last }]) => (guest !== left && last ? [last] : []));
    const fresh = others.filter(({ at }) => Date.now() - at < FRESH_MILLISECONDS);
    return fresh.reduce((sum, { endpoints }) => sum + endpoints, 0);
  }

  /** What is not as it should be, in words; empty: all is well. */
  troubles(look = this.core.last): string[] {
    if (look === undefined || Date.now() - look.at > FRESH_MILLISECONDS) return ["the core is not seen"];
    const down = Object.entries(look.units).filter(([, state]) => state !== "active");
    return [
      ...down.map(([unit, state]) => `${unit} is ${state}`),
      ...(look.health === 200 ? [] : [`jicofo's health: ${look.health}`]),
      ...BRIDGES.filter((id) => !look.bridges?.includes(id)).map((id) => `${id} is not in use`),
      ...(this.crowd.isComplete ? [] : ["not everybody is in"]),
    ];
  }

  async end(): Promise<void> {
    for (const watch of [this.core, this.alerts, ...this.bridges.values()]) watch?.close();
    await this.crowd.end();
    await Promise.all(BRIDGES.map((id) => this.empty(id)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
