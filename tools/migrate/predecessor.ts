import { type InventoryHost, textOf } from "./inventory";
import { loginOf, type Login } from "./login";
import { idOf, type Migration, MigrationError, withoutMeaning } from "./migration";

/** The key of a host at an address, as this machine knows it. */
export type HostKeys = (address: string, port: number) => string | undefined;

/** The groups of the playbooks, by role. */
const GROUPS = { core: "jitsi_servers", bridge: "videobridge_servers", recorder: "jibri_servers" } as const;

/** Passwords of daemons: every one is generated anew. */
const GENERATED = [
  "jvb_secret",
  "jvb_password",
  "jicofo_password",
  "turn_secret",
  "jibri_password",
  "recorder_password",
];

/** What other variables already say, or what is named by the program itself. */
const DERIVED = [
  "jibri_nick",
  "jibri_user",
  "recorder_user",
  "jitsi_hostname",
  "jvb_relay_id",
  "jibri_enabled",
];

/** Variables that become keys; the rest is told to the operator. */
const TAKEN = [
  ...["jitsi_domain", "admin_email", "max_bridge_participants", "default_language", "jvb_region"],
  ...["storage_bucket", "storage_endpoint", "storage_access_key", "storage_secret_key"],
  ...["tech_domain", "jitsi_server_ip"],
];

interface Node {
  host: InventoryHost;
  login: Login;
  region: string;
}

/** The stack of an inventory of the Ansible playbooks for two Prosodys. Throws MigrationError where it has no core. */
export function fromPredecessor(hosts: InventoryHost[], hostKeys: HostKeys): Migration {
  const nodes = (group: string): Node[] =>
    hosts
      .filter(({ groups }) => groups.includes(group))
      .map((host) => ({ host, login: loginOf(host), region: idOf(textOf(host, "jvb_region") ?? "default") }));
  const [core, ...furtherCores] = nodes(GROUPS.core);
  if (core === undefined)
    throw new MigrationError(`the inventory has no host in the group ${GROUPS.core}, the main server`);
  const bridges = nodes(GROUPS.bridge);
  // Recorders had no region of their own.
  const recorders = nodes(GROUPS.recorder).map((node) => ({ ...node, region: core.region }));
  const all = [core, ...bridges, ...recorders];
  return {
    config: {
      ...keysOf(core.host),
      regions: regionsOf(core, bridges, recorders, hostKeys),
      ...recordingOf(core.host, recorders),
    },
    secrets: secretsOf(core.host, all, recorders),
    changes: changesOf(core, bridges, recorders),
    refusals: [
      ...all.flatMap(({ login }) => login.refusals),
      ...furtherCores.map(
        ({ host }) => `${host.name}: a deployment has one core; give it a stack of its own`,
      ),
      ...unknownVariables(all),
    ],
  };
}

function keysOf(core: InventoryHost): Record<string, unknown> {
  const most = textOf(core, "max_bridge_participants");
  const language = textOf(core, "default_language");
  return {
    domain: textOf(core, "jitsi_domain"),
    contact: textOf(core, "admin_email"),
    ...(most !== undefined && { maxBridgeParticipants: Number(most) }),
    ...(language !== undefined && { web: { language } }),
  };
}

/** The core's region comes first; a login or port that differs from the first host's stands at the host. */
function regionsOf(core: Node, bridges: Node[], recorders: Node[], hostKeys: HostKeys): unknown[] {
  const names = [...new Set([core, ...bridges].map(({ region }) => region))];
  return names.map((name) => {
    const isHere = ({ region }: Node) => region === name;
    const first = core.region === name ? core : bridges.find(isHere);
    const described = (node: Node) => placeOf(node, first?.login, hostKeys);
    const own = bridges
      .filter(isHere)
      .map((node) => ({ id: idOf(textOf(node.host, "jvb_relay_id") ?? node.host.name), ...described(node) }));
    const here = recorders.filter(isHere).map((node) => ({ id: idOf(node.host.name), ...described(node) }));
    return {
      name,
      machines: machinesOf(first?.login, hostKeys),
      ...(core.region === name && { core: described(core) }),
      // The playbook of the main server installed a bridge on it.
      videobridges: [...(core.region === name ? [{ id: idOf(core.host.name), on: "core" }] : []), ...own],
      ...(here.length > 0 && { recorders: here }),
    };
  });
}

function machinesOf(login: Login | undefined, hostKeys: HostKeys): unknown {
  const jump = login?.jumpHost;
  return {
    provider: "existing",
    user: login?.user,
    ...(login && login.port !== 22 && { port: login.port }),
    ...(jump && { jumpHost: { ...jump, ...keyOf(jump.address, jump.port ?? 22, hostKeys) } }),
  };
}

function placeOf({ login }: Node, regions: Login | undefined, hostKeys: HostKeys) {
  const { address, user, port } = login;
  return {
    address,
    ...keyOf(address, port, hostKeys),
    ...(user !== regions?.user && { user }),
    ...(port !== regions?.port && { port }),
  };
}

function keyOf(address: string, port: number, hostKeys: HostKeys): { hostKey?: string } {
  const hostKey = hostKeys(address, port);
  return hostKey === undefined ? {} : { hostKey };
}

function recordingOf(core: InventoryHost, recorders: Node[]): Record<string, unknown> {
  if (recorders.length === 0) return {};
  const endpoint = textOf(core, "storage_endpoint");
  return {
    recording: {
      storage: {
        bucket: textOf(core, "storage_bucket") ?? textOf(firstOf(recorders), "storage_bucket"),
        ...(endpoint !== undefined && {
          endpoint: endpoint.includes("://") ? endpoint : `https://${endpoint}`,
        }),
      },
    },
  };
}

function firstOf(nodes: Node[]): InventoryHost {
  return (nodes[0] as Node).host;
}

function secretsOf(core: InventoryHost, all: Node[], recorders: Node[]): Migration["secrets"] {
  const keyFile = all
    .map(({ host }) => textOf(host, "ansible_ssh_private_key_file"))
    .find((file) => file !== undefined);
  return [
    ...(keyFile === undefined ? [] : [{ key: "jitsi:sshPrivateKey", from: `the file ${keyFile}` }]),
    ...(recorders.length === 0
      ? []
      : [
          { key: "jitsi:recordingAccessKey", from: "the variable storage_access_key" },
          { key: "jitsi:recordingSecretKey", from: "the variable storage_secret_key" },
        ]),
  ];
}

function changesOf(core: Node, bridges: Node[], recorders: Node[]): string[] {
  const generated = GENERATED.filter((key) =>
    [core, ...bridges, ...recorders].some(({ host }) => key in host.variables),
  );
  const tech = textOf(core.host, "tech_domain");
  const domain = textOf(core.host, "jitsi_domain");
  const moved = bridges.filter(({ host }) => {
    const coreAddress = textOf(host, "jitsi_server_ip");
    return coreAddress !== undefined && coreAddress !== core.login.address;
  });
  return [
    ...(generated.length === 0
      ? []
      : [`${generated.join(", ")}: not read; every password is generated anew, one for each daemon`]),
    ...(tech === undefined || tech === `tech.${domain}`
      ? []
      : [`tech_domain: the bridges' domain is tech.${domain} from now on; nobody outside sees it`]),
    ...moved.map(
      ({ host }) =>
        `${host.name}: reached the core at ${textOf(host, "jitsi_server_ip")}; if that is a private network, give core and bridge a privateAddress`,
    ),
    ...(recorders.length === 0
      ? []
      : ["recordings are sound alone from now on; jitsi:recording.format: video records a picture as well"]),
    ...(bridges.length === 0
      ? []
      : [
          `${idOf(core.host.name)}: the core has a bridge, as before; without it the core carries larger rooms`,
        ]),
  ];
}

/** What nobody here reads, by name alone: a value may be a secret. */
function unknownVariables(nodes: Node[]): string[] {
  const known = new Set([...GENERATED, ...DERIVED, ...TAKEN]);
  const names = new Set(nodes.flatMap(({ host }) => Object.keys(host.variables)));
  return [...names]
    .filter((name) => !known.has(name) && !name.startsWith("ansible_"))
    .sort()
    .map(withoutMeaning);
}
