import * as pulumi from "@pulumi/pulumi";
import { endpoints } from "../plan/endpoints";
import type { DeploymentPlan, RecorderPlan } from "../plan/types";
import { mainCertificateNames, prosody } from "../services/prosody";
import {
  bridgeAccountGroup,
  bridgeAccountName,
  prosodyJvb,
  successorName,
  techCertificateNames,
} from "../services/prosody/jvb";
import type { RecorderPasswords } from "../services/links/accounts";
import { recorderAccountGroup } from "../services/prosody/recorderAccounts";
import { nodeCertificateNames } from "../services/prosody/visitors";
import type { Owner } from "./childOf";
import { coreHost, type CoreHost, type ProsodyCertificates } from "./coreHost";
import { foundationOf, readDescription, type Described, type Foundation } from "./foundation";
import { named } from "./members";
import { fromPlan } from "./plans";

/** Where the two instances answer. */
export interface ProsodyEndpoints {
  /** The participants' door, as a WebSocket URL. */
  websocket: string;
  /** The bridges' door, with its XMPP domain. */
  prosodyJvb: string;
}

/** A core's own foundation and host, or the description of a deployment of which both Prosodys alone are set up. */
export type ProsodyPairArgs =
  { foundation: Foundation; hostWith: (certificates: ProsodyCertificates) => CoreHost } | Described;

/**
 * Both Prosodys of a core: the main one for participants and jicofo, prosody-jvb for bridges and jicofo. It owns their
 * certificates, their files, the accounts of bridges and recorders, and says where they answer.
 */
export class ProsodyPair extends pulumi.ComponentResource {
  /** The XMPP domain of the instance for participants. */
  readonly domain: string;
  /** The XMPP domain of the instance for bridges. */
  readonly techDomain: string;
  readonly endpoints: pulumi.Output<ProsodyEndpoints>;
  readonly core: CoreHost;
  /** Both instances are set up; to depend on. */
  readonly ready: pulumi.Resource;
  private readonly foundation: Foundation;

  constructor(name: string, args: ProsodyPairArgs, opts?: pulumi.ComponentResourceOptions) {
    const read = "foundation" in args ? args.foundation.deployment : readDescription(args);
    const { domain, tech: techDomain } = read.plan.names;
    super("jitsi:index:ProsodyPair", name, { domain, techDomain }, opts);
    const owner = { name, parent: this };
    this.foundation = "foundation" in args ? args.foundation : foundationOf(read, owner);
    const certificates = certificatesOf(this.foundation, owner);
    this.core =
      "foundation" in args
        ? args.hostWith(certificates)
        : coreHost(this.foundation, certificates, owner, args.machine);
    this.core.host.addService(prosody, owner);
    this.ready = this.core.host.addService(prosodyJvb, owner);
    this.domain = domain;
    this.techDomain = techDomain;
    this.endpoints = pulumi.output(
      fromPlan(this.foundation.deployment.plans, (plan) => {
        const { websocket, prosodyJvb: bridges } = endpoints(plan);
        return { websocket, prosodyJvb: bridges };
      }),
    );
    this.registerOutputs({ domain, techDomain, endpoints: this.endpoints });
  }

  /** The account with which a bridge logs in at prosody-jvb, a child of the bridge. Returns the step, to depend on. */
  addBridgeAccount(
    id: string,
    password: pulumi.Output<string>,
    owner: Owner,
    after: pulumi.Resource[],
  ): pulumi.Resource {
    const { plan, plans } = this.foundation.deployment;
    const bridgeOf = (known: DeploymentPlan) => named("bridge", known.videobridges, id);
    const files = pulumi
      .all([password, fromPlan(plans, bridgeOf)])
      .apply(([value, bridge]) => bridgeAccountGroup(plan, bridge, value));
    const group = fromPlan(plans, (known) => bridgeAccountName(bridgeOf(known)));
    // That of a machine that takes another one's place comes beside the old account, which stays until the old machine is empty.
    const identity = fromPlan(plans, (known) => successorName(bridgeOf(known)));
    const secrets = { group, files, step: `account-${id}`, identity };
    return this.core.host.addSecret("account", secrets, owner, after, true);
  }

  /** The accounts of a recorder at the main Prosody, in the same way. */
  addRecorderAccounts(
    recorder: RecorderPlan,
    passwords: pulumi.Output<RecorderPasswords>,
    owner: Owner,
    after: pulumi.Resource[],
  ): pulumi.Resource {
    const { plan } = this.foundation.deployment;
    const files = passwords.apply((values) => recorderAccountGroup(plan, recorder, values));
    const group = `account-${recorder.id}`;
    return this.core.host.addSecret("account", { group, step: group, files }, owner, after);
  }
}

/** What the instances show: jicofo and the bridges verify it by XMPP domain, and the Prosodys of participants each other. */
function certificatesOf({ authority, deployment }: Foundation, owner: Owner): ProsodyCertificates {
  const { names, visitors } = deployment.plan;
  return {
    main: authority.issue("main", mainCertificateNames(names, visitors), { owner }),
    tech: authority.issue("tech", techCertificateNames(names), { owner }),
    visitors: visitors && authority.issue("visitors", nodeCertificateNames(visitors), { owner }),
  };
}
