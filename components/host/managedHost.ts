import type * as command from "@pulumi/command";
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateManifest, FileGroup, PackagesManifest, SizeReport } from "../../services/manifest";
import { preflightOf } from "../../services/preflight";
import { PAGE_CERTIFICATE, repairMark } from "../../services/repair";
import { hardwareOf } from "../../plan/hardware";
import { hasSwitch, isAsleep } from "../../plan/parked";
import { hostPlanOf } from "../../services/roles";
import { metrics } from "../../services/metrics";
import { joinedGroup } from "../../services/joinedGroup";
import { roleServices, serviceGroup } from "../../services/onHost";
import { SECRETS } from "../../services/secrets";
import type { Service } from "../../services/service";
import { withWhoNotices } from "../../services/whoNotices";
import type { DeploymentPlan } from "../../plan/types";
import { nameIfSilent } from "../machines/answering";
import type { Machine } from "../machines/machine";
import type { Owner } from "../childOf";
import { fromPlan, jsonFromPlan, type Plans } from "../plans";
import { drainSeconds } from "./drain";
import { HELPER, step, STEP_TIMEOUT_SECONDS, type StepArgs } from "./step";
import { helperModules, INSTALL_HELPER } from "./helperModules";

/** Resources to wait for; a promise where some of them are not registered yet. */
type After = pulumi.Resource[] | Promise<pulumi.Resource[]>;

export interface ManagedHostArgs {
  /** Of the host in the plan; the component's own name is free. */
  id: string;
  plans: Plans;
  machine: Machine;
  packages: PackagesManifest;
  /** Every secret of the host, in the files that only root or one daemon reads. */
  secrets: pulumi.Input<FileGroup>;
  /** Certificates and truststores: a key and its certificate come together, and neither says anything to a reader. */
  trust: pulumi.Input<FileGroup>;
  /** With what its daemon logs in at the core. */
  login?: HostLogin;
}

/** A group with secrets in it. */
interface SecretGroup {
  /** Its name on the host. */
  group: pulumi.Input<string>;
  files: pulumi.Output<FileGroup>;
  /** Its name in `jitsi:repair`. */
  step: string;
  /** Another text than before replaces the step; none, as in stacks that never had one, leaves it as it is. */
  identity?: pulumi.Input<string | undefined>;
}

/** A login that comes with the other secrets of a host. */
export interface HostLogin {
  files: pulumi.Output<FileGroup>;
  /** What has to be there before a daemon may log in with it. */
  after: After;
}

/**
 * A host under management: helper, packages, firewall, secrets and trust are there; roles add their files. Its steps are children of the
 * component whose host it is.
 */
export class ManagedHost {
  readonly machine: Machine;
  /** Cores and memory as the host itself reports them. */
  readonly size: pulumi.Output<SizeReport>;
  /** Id of the host in the plan. */
  readonly id: string;
  /** The machine is off once everything here is done: what changes later comes when it is on again. */
  readonly isAsleep: boolean;
  /** It may have been switched on by this run. */
  private readonly mayBoot: boolean;
  private readonly owner: Owner;
  readonly plans: Plans;
  private readonly hardware: string | undefined;
  /** Digest of what each step brought. */
  private readonly digests: pulumi.Output<string>[] = [];
  /** The last step of each lane of visitors: lanes are side by side, and the helper's lock lets one step work at a time. */
  private readonly lanes: pulumi.Resource[] = [];
  private visitors = 0;
  /** Steps of one host run one after the other: one lock, one connection at a time. */
  private last: pulumi.Resource | undefined;

  constructor(owner: Owner, args: ManagedHostArgs) {
    const { id } = args;
    this.id = id;
    this.owner = owner;
    this.plans = args.plans;
    this.machine = args.machine;
    const { plan } = args.plans;
    const { power } = args.machine;
    this.isAsleep = power !== undefined && isAsleep(plan, id);
    // Before anything is done there it runs.
    const running =
      power !== undefined && !this.isAsleep && hasSwitch(plan, id) ? power("running") : undefined;
    this.mayBoot = running !== undefined;
    this.hardware = hardwareOf(hostPlanOf(plan, id));
    if (this.hardware !== undefined) this.digests.push(pulumi.output(this.hardware));

    const made = running ?? args.machine.resource;
    this.last = made;
    const { approved, entered, fit } = args.plans.barriers;
    const helper = { stdin: helperModules(), undo: `${HELPER} uninstall`, after: approved, step: "helper" };
    const firstStep = this.run("bootstrap", INSTALL_HELPER, { ...helper, isFirst: true });
    entered.add(id, firstStep);
    const { jumpHost, ssh } = this.machine;
    if (made && jumpHost === undefined && !this.isAsleep)
      nameIfSilent({ id, ...ssh, resource: made, firstStep });
    const wanted = { stdin: preflight(args.plans, id), after: entered.passed, quiet: true };
    const found = this.run("preflight", this.measured("preflight"), wanted);
    fit.add(id, found);
    this.size = found.stdout.apply((text) => JSON.parse(text) as SizeReport);
    this.run("packages", `${HELPER} packages`, {
      stdin: JSON.stringify(args.packages),
      undo: `${HELPER} remove-packages`,
      after: fit.passed,
      step: "packages",
    });
    for (const service of roleServices(args.plans.plan, id, "every"))
      if (service !== metrics) this.addService(service, this.owner);
    this.addSecrets(args);
  }

  /** What no preview shows; last of what every host has, since a login may wait for the core. */
  private addSecrets({ secrets, trust, login }: ManagedHostArgs): void {
    const parts = pulumi.all([secrets, trust, ...(login ? [login.files] : [])]);
    const files = parts.apply((groups) => joinedGroup(SECRETS, groups));
    this.addSecret(SECRETS, { group: SECRETS, step: SECRETS, files }, this.owner, login?.after);
  }

  /** Brings the files of a service to the host and the units that own them up to date. Returns the step, to depend on. */
  addService(service: Service, owner: Owner, after: pulumi.Resource[] = []): pulumi.Resource {
    const groupOf = (plan: DeploymentPlan) => serviceGroup(service, plan, this.id);
    const { group, heaps, parks } = groupOf(this.plans.plan);
    const create = heaps ? this.measured("files") : `${HELPER} files`;
    const undo = `${HELPER} remove ${group}`;
    const stdin = jsonFromPlan(this.plans, (plan) => withWhoNotices(groupOf(plan), plan));
    const waits = parks && { createSeconds: STEP_TIMEOUT_SECONDS + drainSeconds(parks) };
    return this.run(`files-${group}`, create, { stdin, undo, after, step: group, ...waits }, owner);
  }

  /**
   * In place of the files of a service whose machine goes off: its daemon is emptied and stopped, and starts with its files when the
   * machine is on again. `drain`: the step that knows how, and keeps that while the machine is off. Returns the step.
   */
  park(service: Service, drain: command.remote.Command, owner: Owner): pulumi.Resource {
    const { group } = serviceGroup(service, this.plans.plan, this.id);
    const stdin = drain.stdin.apply((text) => text ?? "");
    const data = { stdin, undo: `${HELPER} remove ${group}`, after: [drain], keepsInputs: false };
    // Nothing in it may be another one as long as nobody can log in.
    return this.run(`files-${group}`, `${HELPER} drain`, { ...data, createSeconds: A_DAY_AND_MORE }, owner);
  }

  /**
   * A group that is here for something that comes and goes elsewhere, such as a bridge. By its name a group of the plan is another
   * one: then it comes beside the old one, which stays until everything that depends on it has gone. Returns the step.
   */
  addVisiting(suffix: string, groupOf: (plan: DeploymentPlan) => FileGroup, owner: Owner): pulumi.Resource {
    const identity = pulumi.output(fromPlan(this.plans, (plan) => groupOf(plan).group));
    const undo = pulumi.interpolate`${HELPER} remove ${identity}`;
    const stdin = jsonFromPlan(this.plans, (plan) => withWhoNotices(groupOf(plan), plan));
    const { group, step } = groupOf(this.plans.plan);
    return this.run(
      suffix,
      `${HELPER} files`,
      { stdin, undo, identity, step: step ?? group, visits: true },
      owner,
    );
  }

  /** Has an authority issue the certificate that participants see. Returns the step, to depend on. */
  issueCertificate(
    manifestOf: (plan: DeploymentPlan) => CertificateManifest,
    owner: Owner,
    after: pulumi.Resource[],
  ): pulumi.Resource {
    const stdin = jsonFromPlan(this.plans, manifestOf);
    const undo = `${HELPER} remove-certificate`;
    const step = PAGE_CERTIFICATE;
    return this.run("certificate", `${HELPER} certificate`, { stdin, undo, after, step }, owner);
  }

  /** The same for a group with secrets in it: nothing of it is shown, also not what the host says. Returns the step. */
  addSecret(
    suffix: string,
    { group, files, step: known, identity }: SecretGroup,
    owner: Owner,
    after: After = [],
    visits = false,
  ): pulumi.Resource {
    const undo = pulumi.interpolate`${HELPER} remove ${group}`;
    const data = {
      ...{ stdin: text(files, this.plans.plan), secret: true, step: known },
      ...(identity !== undefined && { identity }),
    };
    return this.run(suffix, `${HELPER} secrets`, { ...data, undo, after, visits }, owner);
  }

  /**
   * Deletes the accounts that the groups of this host had and have no more, such as those of passwords before a rotation: last, when
   * all who used them are known to be logged in with others. It runs when `accounts` is another text. Returns the step.
   */
  dropFormerAccounts(accounts: string, owner: Owner, after: pulumi.Resource[]): pulumi.Resource {
    const verb = `${HELPER} drop-former-accounts ${sha256(accounts)}`;
    return this.run("former-accounts", verb, { after }, owner);
  }

  /** The same for a group that is made of what resources give; `group` is its name. */
  addMade(group: string, files: pulumi.Output<FileGroup>, owner: Owner): pulumi.Resource {
    const undo = `${HELPER} remove ${group}`;
    const data = { stdin: text(files, this.plans.plan), step: group };
    return this.run(`files-${group}`, `${HELPER} files`, { ...data, undo }, owner);
  }

  /** One digest of everything that the steps so far have brought. */
  get digest(): pulumi.Output<string> {
    return pulumi.all(this.digests).apply((each) => sha256(each.join()));
  }

  /** A verb that looks at cores or memory: the word behind it makes the step run again on other hardware. */
  private measured(verb: string): string {
    return [HELPER, verb, this.hardware].filter((word) => word !== undefined).join(" ");
  }

  /** The lane of the next step of a visitor. */
  private get lane(): number {
    return this.visitors % LANES[this.machine.resource ? "made" : "existing"];
  }

  /** `step`: its name in `jitsi:repair`; a mark for it runs it, and the verification, again. */
  private run(
    suffix: string,
    create: string,
    {
      after = [],
      step: known,
      visits = false,
      keepsInputs = this.isAsleep,
      ...more
    }: Omit<StepArgs, "machine" | "create"> & {
      after?: After;
      step?: string;
      visits?: boolean;
      keepsInputs?: boolean;
    },
    { name, parent }: Owner = this.owner,
  ): command.remote.Command {
    const mark = known === undefined ? undefined : repairMark(this.plans.plan, this.id, known);
    if (mark !== undefined) this.digests.push(pulumi.output(mark));
    const resource = step(
      `${name}-${suffix}`,
      {
        ...{ machine: this.machine, mayBoot: this.mayBoot },
        create: mark === undefined ? create : `${create} ${mark}`,
        ...more,
      },
      {
        parent,
        dependsOn: afterBoth(visits ? (this.lanes[this.lane] ?? this.last) : this.last, after),
        keepsInputs,
      },
    );
    if (visits) {
      this.lanes[this.lane] = resource;
      this.visitors++;
    } else this.last = resource;
    if (more.stdin !== undefined) this.digests.push(digest(more.stdin));
    return resource;
  }
}

/** Longer than the longest drain (`jitsi:drain.deadlineMinutes`), whatever it is at the moment. */
const A_DAY_AND_MORE = 25 * 3600;

/**
 * Steps of visitors at once. Of a machine that we made four: its sshd refuses some of ten connections that have not logged in yet
 * (MaxStartups), and the provider tries again. A server that was there before may limit new connections, and is dialled once: the
 * helper's pauses leave room for one more connection (host/audio_meet/system/ssh_limits.py).
 */
const LANES = { made: 4, existing: 1 };

/** What the host must be like; no address is in it, so that it is known from the beginning. */
function preflight({ plan }: Plans, id: string): string {
  return JSON.stringify(preflightOf(plan, hostPlanOf(plan, id)));
}

function afterBoth(last: pulumi.Resource | undefined, after: After): After {
  const before = last ? [last] : [];
  return Array.isArray(after) ? [...before, ...after] : after.then((resources) => [...before, ...resources]);
}

function text(group: pulumi.Input<FileGroup>, plan: DeploymentPlan): pulumi.Output<string> {
  return pulumi.output(group).apply((value) => JSON.stringify(withWhoNotices(value, plan)));
}

/** May be shown, also of secrets: some of those in it are generated, with 128 bits and more, so nothing can be guessed. */
function digest(stdin: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.output(stdin).apply(sha256));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
