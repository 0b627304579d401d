import { readFileSync } from "node:fs";
import { join } from "node:path";
import { documentOf } from "./support/compare";
import { deployment, steps, type Deployment } from "./support/deployment";
import { formerStacks } from "./support/formerStacks";

const STACK = "urn:pulumi:dev::jitsi::";

interface Generation {
  /** Where the resources are recorded that the program of this commit made. */
  folder: string;
  /** What is there no more beside what is in no stack any more, and what is there since, by label. */
  gone: RegExp[];
  made: RegExp[];
}

const DEPLOYMENT = /^jitsi:index:AudioMeet meet$/;

/** What a recorder has of its own since all of them shared two accounts. */
const RECORDERS = / rec-\d+-(account|(control|call)-password)$/;

/** Firewall, limits of the kernel and upkeep in one step. */
const HOST = /-files-host$/;

/** What the core has since one looks after what daemons do not notice, and since each path is listened to. */
const ON_CORE = / core-(files-watchdog|ear)$/;

/** What says whether a bridge's instance is the first one that it had. */
const FIRST_ADDRESS = /-machine-first-address$/;

/** Stacks as earlier programs made them, by commit. */
const GENERATIONS: Record<string, Generation> = {
  // All bridges had one account, and each region of Amazon a provider (docs/AWS.md) and one rule for all of IPv6.
  a6fc895: {
    folder: "former/oneAccountOfBridges",
    gone: [/::credentials-videobridge$/, /\$pulumi:providers:aws::/, /-outgoing-ipv6$/],
    made: [
      DEPLOYMENT,
      RECORDERS,
      ...[HOST, ON_CORE],
      / (fra|iad)-\d-(account|password)$/,
      / main-(account|videobridge-login|password)$/,
      /^command:remote:Command core-former-accounts$/,
      / aws$/,
      /-outgoing-ipv6-(lower|upper)$/,
      /^pulumi:index:Stash /,
    ],
  },
  // The deployment was no component.
  cf8890f: { folder: "former", gone: [], made: [DEPLOYMENT, RECORDERS, HOST, ON_CORE, FIRST_ADDRESS] },
  // Hosts and verifications were components in it.
  "541ce2d": { folder: "former/inComponents", gone: [], made: [RECORDERS, HOST, ON_CORE, FIRST_ADDRESS] },
};

/** What no stack has any more: components that held others and nothing else, steps with nothing to undo, passwords that recorders shared. */
const GONE = [
  /(^|\$)jitsi:index:(ManagedHost|Verification)::/,
  /-size$/,
  /credentials-recorder-(control|call)$/,
];

/** The types from the stack down and the name of each resource of a stack as it was, but for those that are there no more. */
function formerResources(stack: string, { folder, gone }: Generation): string[] {
  const text = readFileSync(join(__dirname, folder, `${stack}.txt`), "utf8");
  return text
    .trim()
    .split("\n")
    .filter((one) => ![...GONE, ...gone].some((pattern) => pattern.test(one)));
}

/**
 * By which former resources the engine finds each resource: by its own aliases, else by those of its parent, below which a child
 * that begins with its parent's name began with the former one (step_generator.go, generateAliases and inheritedChildAlias).
 */
function foundBy({ resources }: Deployment, former: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const types = new Map<string, string>();
  for (const { label, type, name, parent, aliases } of resources) {
    const above = types.get(parent ?? "");
    const all = above === undefined ? type : `${above}$${type}`;
    types.set(label, all);
    const own = [
      `${all}::${type === "jitsi:index:AudioMeet" ? name : `meet-${name}`}`,
      ...aliases.map((alias) => alias.slice(STACK.length)),
    ];
    const inherited = (found.get(parent ?? "") ?? []).map((parentAlias) => {
      const [parentTypes = "", parentName = ""] = parentAlias.split("::");
      const now = (parent ?? "").split(" ")[1] ?? "";
      return `${parentTypes}$${type}::${name.startsWith(now) ? parentName + name.slice(now.length) : name}`;
    });
    found.set(
      label,
      [...new Set([...own, ...inherited])].filter((alias) => former.has(alias)),
    );
  }
  return found;
}

/** Steps that are a part of another one now: the host, and the group of files that the other one takes over. */
const JOINED =
  /::(?:meet-)?(.+?)-(?:files-)?(firewall|kernel|upkeep|trust|videobridge-login|recorder-login)$/;

/** `<host> <group>` of each group that a step of the host takes over. */
function takenOver(run: Deployment): string[] {
  const holders = steps(run).filter(({ name }) => /-(files-host|secrets)$/.test(name));
  return holders.flatMap((step) =>
    (documentOf(step)["formerGroups"] as string[]).map(
      (group) => `${step.name.replace(/-(files-host|secrets)$/, "")} ${group}`,
    ),
  );
}

const CASES = Object.keys(formerStacks).flatMap((stack) =>
  Object.entries(GENERATIONS).map(([commit, generation]) => [stack, commit, generation] as const),
);

test.each(CASES)(
  "every resource of a stack from before is found again, each by one, or its files are taken over: %s, %s",
  async (stack, _commit, generation) => {
    const former = new Set(formerResources(stack, generation));
    const { config, secrets } = formerStacks[stack] ?? { config: {} };
    const run = await deployment(config, secrets);
    const found = foundBy(run, former);
    const again = [...found.values()].flat();
    expect(again).toHaveLength(new Set(again).size);
    const lost = [...former].filter((one) => !again.includes(one));
    const groups = lost.map((one) => JOINED.exec(one)?.slice(1).join(" ") ?? one);
    expect(takenOver(run)).toEqual(expect.arrayContaining(groups));
    expect(lost.length).toBeGreaterThan(3);
    const unknown = [...found].filter(([, by]) => by.length === 0).map(([label]) => label);
    expect(unknown.filter((label) => !generation.made.some((pattern) => pattern.test(label)))).toEqual([]);
  },
);
