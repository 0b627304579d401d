import * as pulumi from "@pulumi/pulumi";
import type { RecorderPlan } from "../plan/types";
import { recorderNumber, type RecorderPasswords } from "../services/links/accounts";
import type { HostHealth } from "../services/health";
import { recorder as jibri } from "../services/jibri";
import { recorderLoginGroup } from "../services/jibri/login";
import { hostPlanOf } from "../services/roles";
import { recorderDrainOf } from "../services/jibri/upload";
import type { Owner } from "./childOf";
import { password } from "./credentials";
import { drain, type HostLogin, type ManagedHost, Verification } from "./host";
import type { JitsiCore } from "./jitsiCore";
import { named } from "./members";
import { roleHost, type RoleHostArgs } from "./roleHost";

export interface JibriNodeArgs extends RoleHostArgs {
  /** Which recorder of the core's deployment this is. @default the component's name */
  id?: string;
}

/** One recorder: a machine, its accounts, jibri with its screen and sound, the way to the bucket, and the wait for the last upload before it goes. */
export class JibriNode extends pulumi.ComponentResource {
  readonly id: string;
  readonly host: ManagedHost;
  /** What its verification found. */
  readonly health: pulumi.Output<HostHealth>;
  /** It is set up and verified; to depend on. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: JibriNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { core, id = name } = args;
    const { plan, recordings } = core.deployment;
    const recorder = named("recorder", plan.recorders, id);
    super("jitsi:index:JibriNode", name, { region: hostPlanOf(plan, recorder.hostId).region }, opts);
    const owner = { name, parent: this };
    this.id = id;

    const { account, login } = atCore(core, recorder, owner);
    this.host = roleHost(recorder.hostId, args, owner, login);
    const files = this.host.addService(jibri, owner);
    const { machine } = this.host;
    const end = drain(
      `${name}-drain`,
      { machine, verb: "drain-recorder", manifest: recorderDrainOf(plan, recorder) },
      {
        parent: this,
        // A recording that goes on keeps its accounts.
        dependsOn: [files, account, ...(recordings?.ready ?? [])],
        ...(machine.isProtected && { protect: true }),
      },
    );
    const verification = new Verification(owner, this.host, [files, end]);
    this.done = verification.step;
    this.health = verification.health;
    core.join("recorders", this);
    this.registerOutputs({ health: this.health });
  }
}

/** What a recorder has on the core, and the logins by it; `account` has to be there until its last recording has ended. */
function atCore(
  core: JitsiCore,
  recorder: RecorderPlan,
  owner: Owner,
): { account: pulumi.Resource; login: HostLogin } {
  const { plan } = core.deployment;
  const made = (login: string) =>
    password(`${owner.name}-${login}-password`, recorderNumber(plan, recorder), owner.parent);
  const passwords = pulumi
    .all([made("control"), made("call")])
    .apply(([control, call]): RecorderPasswords => ({ control, call }));
  // After the core, so that the way in is there.
  const account = core.prosody.addRecorderAccounts(recorder, passwords, owner, [core.ready]);
  const files = passwords.apply((values) => recorderLoginGroup(plan, recorder, values));
  return { account, login: { files, after: [account] } };
}
