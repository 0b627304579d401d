import * as pulumi from "@pulumi/pulumi";
import { pageUrl } from "../plan/endpoints";
import { certificate } from "../services/certificate";
import type { HostHealth } from "../services/health";
import { certificateManifest, daemonAccounts, roleServices } from "../services/onHost";
import { prosody } from "../services/prosody";
import { prosodyJvb } from "../services/prosody/jvb";
import { hostPlanOf } from "../services/roles";
import type { CertificateAuthority } from "./certificateAuthority";
import type { Owner } from "./childOf";
import { coreHost } from "./coreHost";
import type { Credentials } from "./credentials";
import type { Deployment } from "./deployment";
import { foundationOf, readDescription, type Described, type Foundation } from "./foundation";
import { Verification, type ManagedHost } from "./host";
import { listening } from "./listening";
import { addMetrics } from "./metrics";
import { ProsodyPair } from "./prosodyPair";

/** The description of a deployment, as `AudioMeet` takes it, or the deployment that another component has made of it. */
export type JitsiCoreArgs = Described;

/** Services of the core that come by other hands: by its pair of Prosodys, and when all else is in place. */
const ELSEWHERE = [prosody, prosodyJvb, certificate];

/** A bridge or a recorder that belongs to a core. */
interface Member {
  readonly host: ManagedHost;
  /** What a bridge after it waits for before it disturbs anybody. */
  readonly turnOver?: Promise<pulumi.Resource[]>;
  /** It is set up and, where it has a machine of its own, verified; to depend on. */
  readonly done: pulumi.Resource;
}

/**
 * The core: both Prosodys, jicofo, and nginx with the page. It owns the plan, the authority and the credentials of the deployment,
 * and bridges and recorders take them from it. All of them are created in the same turn of the program as their core.
 */
export class JitsiCore extends pulumi.ComponentResource implements Foundation {
  readonly deployment: Deployment;
  readonly authority: CertificateAuthority;
  readonly credentials: Credentials;
  readonly prosody: ProsodyPair;
  readonly host: ManagedHost;
  /** Everything on the core but the bridge that may live on it; to depend on. */
  readonly ready: pulumi.Resource;
  /** Public address of the page. */
  readonly url: pulumi.Output<string>;
  /** What the verification of the core found, once every bridge and recorder was in place. */
  readonly health: pulumi.Output<HostHealth>;
  private readonly owner: Owner;
  private readonly bridges: Member[] = [];
  private readonly recorders: Member[] = [];
  private verified: Verification | undefined;
  private showHealth: (health: pulumi.Output<HostHealth>) => void = () => undefined;

  constructor(name: string, args: JitsiCoreArgs, opts?: pulumi.ComponentResourceOptions) {
    const read = readDescription(args);
    const { plan } = read;
    const { region } = hostPlanOf(plan, plan.core.hostId);
    super("jitsi:index:JitsiCore", name, { domain: plan.names.domain, region }, opts);
    this.owner = { name, parent: this };
    const foundation = foundationOf(read, this.owner);
    this.deployment = foundation.deployment;
    this.authority = foundation.authority;
    this.credentials = foundation.credentials;

    this.prosody = new ProsodyPair(
      `${name}-prosody`,
      { foundation, hostWith: (own) => coreHost(foundation, own, this.owner, args.machine) },
      { parent: this },
    );
    const { host, metrics } = this.prosody.core;
    this.host = host;
    // Participants last: the door opens when there is somebody behind it.
    const own = roleServices(plan, host.id, "core").filter((service) => !ELSEWHERE.includes(service));
    const steps = own.map((service) => host.addService(service, this.owner));
    this.ready = addMetrics(host, metrics, this.owner) ?? steps.at(-1) ?? this.prosody.ready;

    this.url = pulumi.output(pageUrl(plan));
    this.health = pulumi.output(
      new Promise<pulumi.Output<HostHealth>>((resolve) => (this.showHealth = resolve)),
    );
    setImmediate(() => {
      this.complete();
    });
    this.registerOutputs({ url: this.url });
  }

  /** The bridge before this one: bridges change one at a time, each verified before the next loses its participants. */
  get lastBridge(): Member | undefined {
    return this.bridges.at(-1);
  }

  /** One more bridge or recorder. Throws once the core is verified, which comes last. */
  join(kind: "bridges" | "recorders", member: Member): void {
    if (this.verified !== undefined)
      throw new Error("create bridges and recorders in the same turn of the program as their core");
    this[kind].push(member);
  }

  /**
   * Sets up what comes when all bridges and recorders are in place: the certificate of the page, the end of former accounts, the
   * verification. `records`: what leads an authority here, if the program makes it.
   */
  verify(records: pulumi.Resource[] = []): Verification {
    if (this.verified !== undefined) return this.verified;
    const done = [...this.bridges, ...this.recorders].map((member) => member.done);
    const last = this.dropFormerAccounts([...this.certify(records), ...done]);
    this.verified = new Verification(this.owner, this.host, [last]);
    this.showHealth(this.verified.health);
    this.listen(this.verified.step);
    return this.verified;
  }

  /** Proves by ear what `jitsi:verification` asks for, when all daemons are known to be well. */
  private listen(verified: pulumi.Resource): void {
    const { deployment, authority, credentials, host, bridges } = this;
    const onPaths = [...new Set([host, ...bridges.map((bridge) => bridge.host)])];
    const { caPem } = authority;
    const { moderators } = credentials;
    const digests = onPaths.map(({ digest }) => digest);
    listening(this.owner, { deployment, caPem, moderators, digests }, [verified]);
  }

  /** Whatever the program did not ask for itself, and what it forgot. */
  private complete(): void {
    this.verify();
    const { missing } = this.deployment.plans.barriers.entered;
    if (missing.length > 0)
      throw new Error(`nothing sets up these hosts of the deployment: ${missing.join(", ")}`);
  }

  /** Deletes the accounts of passwords before a rotation; `after`: all who may have used them are logged in anew. */
  private dropFormerAccounts(after: pulumi.Resource[]): pulumi.Resource {
    const accounts = daemonAccounts(this.deployment.plan);
    return this.host.dropFormerAccounts(accounts, this.owner, [this.ready, ...after]);
  }

  /** Has the certificate issued and renewed, where an authority does that; last, so that all else stands if it refuses. */
  private certify(records: pulumi.Resource[]): pulumi.Resource[] {
    if (this.deployment.plan.certificate.kind !== "acme") return [];
    return [
      this.host.addService(certificate, this.owner),
      this.host.issueCertificate(certificateManifest, this.owner, records),
    ];
  }
}
