import * as pulumi from "@pulumi/pulumi";

/** How resources were called that are found neither by their own name nor, as most are, by that of their parent. */
interface Former {
  type: RegExp;
  /** The name now, without that of the deployment. */
  name: RegExp;
  /** Types of the former parents from the stack down; none: the stack itself. */
  parents?: string;
  was: string;
  /** Of a part of the core alone: one whose host is its own is found by its parent's name, and another one's step is not its own. */
  onCore?: true;
}

const STEP = "command:remote:Command";

const BRIDGE = "jitsi:index:VideobridgeNode";

const FORMER: Former[] = [
  {
    type: /^jitsi:index:(JitsiCore|VideobridgeNode|JibriNode|MonitoringNode|\w+Machine|Ec2Network|Recordings|DnsRecords)$/,
    name: /^(.+)$/,
    was: "$1",
  },
  {
    type: /^(pulumi:providers:aws|.*:PrivateKey|.*:Stash)$/,
    name: /^(aws|aws-login-key|set-.+)$/,
    was: "$1",
  },
  { type: /^jitsi:index:(CertificateAuthority|Credentials)$/, name: /^core-(.+)$/, was: "$1" },
  {
    type: /^tls:/,
    name: /^core-prosody-((main|tech)-.+)$/,
    parents: "jitsi:index:CertificateAuthority",
    was: "authority-$1",
  },
  {
    type: /:Command$/,
    name: /^core-prosody-(files-.+)$/,
    parents: "jitsi:index:JitsiCore$jitsi:index:ProsodyPair",
    was: "core-$1",
  },
  { type: /:Command$/, name: /^(.+)-(account|turn-peer)$/, parents: BRIDGE, was: "core-$2-$1" },
  {
    type: /:Command$/,
    name: /^.+-(videobridge-login|files-videobridge)$/,
    parents: BRIDGE,
    was: "core-$1",
    onCore: true,
  },
  { type: /:SecurityGroup$/, name: /^(sg-.+)$/, parents: "jitsi:index:Ec2Network", was: "region-$1" },
];

/** Steps that stood below a component of their own inside that of their host, by the type of it. */
const BELOW: [type: string, step: RegExp][] = [
  ["jitsi:index:ManagedHost", /-(bootstrap|preflight|packages|secrets)$/],
  ["jitsi:index:Verification", /-verification-run$/],
];

/**
 * A transformation for the component called `name` that finds the resources of a stack from before it was a component, so that
 * none is made again: they stood below the stack itself, and their names began with no deployment's.
 */
export function formerNames(name: string): pulumi.ResourceTransformation {
  const prefix = `${name}-`;
  /** Components with a host of their own, which begins with its bootstrap. */
  const hosts = new Set<pulumi.Resource | undefined>();
  return ({ type, name: now, props, opts }) => {
    const own = now.startsWith(prefix) ? now.slice(prefix.length) : "";
    if (own.endsWith("-bootstrap")) hosts.add(opts.parent);
    const former = FORMER.filter(
      (one) => one.type.test(type) && one.name.test(own) && !(one.onCore && hosts.has(opts.parent)),
    );
    const aliases = [
      ...former.map((one) => urn(one.parents, type, own.replace(one.name, one.was))),
      ...(type === STEP && opts.parent ? belowOf(opts.parent, now, own) : []),
    ];
    if (aliases.length === 0) return undefined;
    return { props, opts: { ...opts, aliases: [...(opts.aliases ?? []), ...aliases] } };
  };
}

/** Where a step stood when it had another component around it: in a deployment that was a component, and in one that was none. */
function belowOf(parent: pulumi.Resource, now: string, own: string): pulumi.Output<string>[] {
  const around = BELOW.find(([, step]) => step.test(own))?.[0];
  if (around === undefined) return [];
  const types = parent.urn.apply((text) => text.split("::")[2] ?? "");
  return [
    types.apply((all) => urn(`${all}$${around}`, STEP, now)),
    types.apply((all) => urn(`${all.replace("jitsi:index:AudioMeet$", "")}$${around}`, STEP, own)),
  ];
}

function urn(parents: string | undefined, type: string, name: string): string {
  const types = parents === undefined ? type : `${parents}$${type}`;
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types}::${name}`;
}
