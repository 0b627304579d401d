import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deployment, type Deployment } from "./support/deployment";
import { formerStacks } from "./support/formerStacks";

const STACK = "urn:pulumi:dev::jitsi::";

/** The types from the stack down and the name of each resource before the deployment was a component. */
function formerResources(stack: string): string[] {
  return readFileSync(join(__dirname, "former", `${stack}.txt`), "utf8")
    .trim()
    .split("\n");
}

/**
 * By which former resources the engine finds each resource: by its own aliases, else by those of its parent, below which a child
 * that begins with its parent's name began with the former one (step_generator.go, generateAliases and inheritedChildAlias).
 */
function foundBy({ resources }: Deployment, former: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { label, type, name, parent, aliases } of resources) {
    const own = aliases.map((alias) => alias.slice(STACK.length));
    const inherited = (found.get(parent ?? "") ?? []).map((parentAlias) => {
      const [types = "", parentName = ""] = parentAlias.split("::");
      const now = (parent ?? "").split(" ")[1] ?? "";
      return `${types}$${type}::${name.startsWith(now) ? parentName + name.slice(now.length) : name}`;
    });
    found.set(
      label,
      [...own, ...inherited].filter((alias) => former.has(alias)),
    );
  }
  return found;
}

/** The passwords of the accounts that all recorders shared. */
const isGone = (former: string) => /::credentials-recorder-(control|call)$/.test(former);
/** What a recorder has of its own since then. */
const isNew = (label: string) => / rec-\d+-(account|recorder-login|(control|call)-password)$/.test(label);

test.each(Object.keys(formerStacks))(
  "every resource of a stack from before is found again, each by one: %s",
  async (stack) => {
    const former = new Set(formerResources(stack).filter((one) => !isGone(one)));
    const { config, secrets } = formerStacks[stack] ?? { config: {} };
    const found = foundBy(await deployment(config, secrets), former);
    const again = [...found.values()].flat();
    expect([...former].filter((one) => !again.includes(one))).toEqual([]);
    expect(again).toHaveLength(former.size);
    const unknown = [...found].filter(([, by]) => by.length === 0).map(([label]) => label);
    expect(unknown.filter((label) => !isNew(label))).toEqual(["jitsi:index:AudioMeet meet"]);
  },
);
