import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deployment, type Deployment } from "./support/deployment";
import { formerStacks } from "./support/formerStacks";

const STACK = "urn:pulumi:dev::jitsi::";

/** Before the deployment was a component, and while hosts and verifications were components in it. */
const GENERATIONS = { alone: "former", inComponents: "former/inComponents" } as const;

/**
 * What is there no more: components that held others and nothing else, steps with nothing to undo, and the passwords of the accounts that all
 * recorders shared.
 */
const GONE = /(^|\$)jitsi:index:(ManagedHost|Verification)::|-size$|credentials-recorder-(control|call)$/;

/** The types from the stack down and the name of each resource of a stack as it was, but for those that are there no more. */
function formerResources(stack: string, generation: keyof typeof GENERATIONS): string[] {
  const text = readFileSync(join(__dirname, GENERATIONS[generation], `${stack}.txt`), "utf8");
  return text
    .trim()
    .split("\n")
    .filter((one) => !GONE.test(one));
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

/** What a recorder has of its own since all of them shared two accounts. */
const isNew = (label: string) => / rec-\d+-(account|recorder-login|(control|call)-password)$/.test(label);

const CASES = Object.keys(formerStacks).flatMap((stack) => [
  [stack, "alone"] as const,
  [stack, "inComponents"] as const,
]);

test.each(CASES)(
  "every resource of a stack from before is found again, each by one: %s, %s",
  async (stack, generation) => {
    const former = new Set(formerResources(stack, generation));
    const { config, secrets } = formerStacks[stack] ?? { config: {} };
    const found = foundBy(await deployment(config, secrets), former);
    const again = [...found.values()].flat();
    expect([...former].filter((one) => !again.includes(one))).toEqual([]);
    expect(again).toHaveLength(former.size);
    const unknown = [...found].filter(([, by]) => by.length === 0).map(([label]) => label);
    expect(unknown.filter((label) => !isNew(label))).toEqual(
      generation === "alone" ? ["jitsi:index:AudioMeet meet"] : [],
    );
  },
);
