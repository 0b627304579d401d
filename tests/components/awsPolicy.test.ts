import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACTIONS } from "./support/awsActions";
import { deployment } from "./support/deployment";
import { adoptedStack, awsStack, recordedStack } from "./support/stacks";

/** A managed policy is at most so long, white space aside. Source: IAM quotas. */
const LONGEST_POLICY = 6144;

interface Statement {
  Sid: string;
  Effect: string;
  Action: string[];
  Resource: string | string[];
}

/** What everybody needs, and what comes with recorders on EC2 or a bucket of the program's own. */
const texts = ["aws-policy", "aws-policy-recordings"].map((name) =>
  readFileSync(join(__dirname, `../../docs/${name}.json`), "utf8"),
);
const statements = texts.flatMap((text) => (JSON.parse(text) as { Statement: Statement[] }).Statement);
const allowed = statements.flatMap(({ Action }) => Action);

/** Everything of AWS that stacks with every option ask for. */
async function typesInUse(): Promise<string[]> {
  const dns = { route53Zone: "Z0123456789ABCDEFGHIJ" };
  const runs = [
    await deployment({ ...awsStack(["iad-1"], { ipv6: true }), dns }),
    await deployment(adoptedStack()),
    await deployment(recordedStack({ create: {} })),
  ];
  const types = runs.flatMap(({ resources, calls }) => [
    ...resources.map(({ type }) => type),
    ...calls.map(({ token }) => String(token)),
  ]);
  return [...new Set(types)].filter((type) => type.startsWith("aws:")).sort();
}

test("the policies allow what each type of resource of the program needs, and no action besides", async () => {
  const types = await typesInUse();
  expect(types).toEqual(Object.keys(ACTIONS).sort());
  const needed = [...new Set(types.flatMap((type) => ACTIONS[type] ?? []))].sort();
  expect([...allowed].sort()).toEqual(needed);
});

test("each fits into one managed policy, and allows no wildcard of actions", () => {
  for (const text of texts) expect(text.replaceAll(/\s/g, "").length).toBeLessThan(LONGEST_POLICY);
  expect(allowed.filter((action) => action.includes("*"))).toEqual([]);
  expect(new Set(statements.map(({ Effect }) => Effect))).toEqual(new Set(["Allow"]));
});

test("nothing of EC2 is removed or stopped that does not carry our tag", () => {
  const [tagged] = statements.filter(({ Sid }) => Sid === "TakeBackWhatCarriesOurTag");
  const condition = { StringLike: { "aws:ResourceTag/audio-meet:domain": "*" } };
  expect(tagged).toMatchObject({ Condition: condition });
  const gone = allowed.filter((action) => /^ec2:(Delete|Terminate|Release|Stop)/.test(action));
  expect(gone.length).toBeGreaterThan(5);
  expect(gone.filter((action) => tagged?.Action.includes(action) !== true)).toEqual([]);
});
