import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const FOLDER = join(__dirname, "../../.github/workflows");

interface Step {
  uses?: string;
  run?: string;
}

interface Job {
  uses?: string;
  environment?: unknown;
  permissions?: unknown;
  steps?: Step[];
}

interface Workflow {
  on: string | string[] | Record<string, unknown>;
  permissions?: unknown;
  env?: unknown;
  jobs: Record<string, Job>;
}

/** What begins a run with what somebody proposes. */
const PROPOSED = [
  "pull_request",
  "pull_request_target",
  "workflow_run",
  "issue_comment",
  "pull_request_review",
];

function eventsOf({ on }: Workflow): string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on : Object.keys(on);
}

function mayWrite(permissions: unknown): boolean {
  if (permissions === undefined) return false;
  if (typeof permissions === "string") return permissions !== "read-all";
  return Object.values(permissions as Record<string, string>).some((right) => right === "write");
}

const mayComment = (permissions: unknown) =>
  /"pull-requests":"write"/.test(JSON.stringify(permissions ?? {}));

/** A secret in an expression, or all of them handed on; a word in a message is none. */
const namesSecrets = (part: unknown) => /\$\{\{[^}]*\bsecrets\b|"secrets":/.test(JSON.stringify(part ?? {}));

/** Whether a job gets something that it could give away: a secret, an identity, or a token that writes. */
const isTrusted = (job: Job) => namesSecrets(job) || mayWrite(job.permissions);

/** Whether a job has files of the repository, which are then the pull request's. */
const hasFiles = ({ steps = [] }: Job) =>
  steps.some(
    ({ uses = "", run = "" }) => uses.startsWith("actions/checkout@") || /\bgit (clone|fetch)\b/.test(run),
  );

/** Why a workflow would let unreviewed code at something, and which of its actions may change under it. */
function complaints(text: string): string[] {
  const workflow = parse(text) as Workflow;
  const events = eventsOf(workflow);
  const jobs = Object.entries(workflow.jobs);
  const found: string[] = [];
  for (const event of ["pull_request_target", "workflow_run"])
    if (events.includes(event)) found.push(`${event} runs with secrets for whoever proposes something`);
  if (workflow.permissions === undefined || mayWrite(workflow.permissions))
    found.push("its jobs may write without saying so");
  if (events.some((event) => PROPOSED.includes(event))) {
    if (namesSecrets(workflow.env)) found.push("every job sees a secret");
    for (const [name, job] of jobs)
      if (isTrusted(job) && hasFiles(job) && job.environment === undefined)
        found.push(`${name} runs unreviewed code with what it could give away`);
  }
  const uses = jobs.flatMap(([, job]) => [job, ...(job.steps ?? [])]).flatMap((one) => one.uses ?? []);
  for (const action of uses)
    if (!action.startsWith("./") && !/@[0-9a-f]{40}$/.test(action)) found.push(`${action} may change`);
  // Renovate keeps the version beside the commit, and a reader sees which one it is.
  for (const line of text.split("\n"))
    if (/^\s*(- )?uses: [^.]/.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))
      found.push(`${line.trim()}: no version beside the commit`);
  return found;
}

const WORKFLOWS = readdirSync(FOLDER).map(
  (name) => [name, readFileSync(join(FOLDER, name), "utf8")] as const,
);
const text = (name: string) => WORKFLOWS.find(([file]) => file === name)?.[1] ?? "";

test.each(WORKFLOWS)(
  "%s lets no unreviewed code at a secret, and its actions stay what they are",
  (_, content) => {
    expect(complaints(content)).toEqual([]);
  },
);

test("a preview runs in an environment that is the stack's own for this, at the commit that was released", () => {
  const { jobs } = parse(text("preview.yml")) as Workflow;
  const { preview } = jobs;
  expect(preview?.environment).toBe("${{ matrix.stack }}-preview");
  const [checkout] = (preview?.steps ?? []) as { with?: Record<string, unknown> }[];
  expect(checkout?.with).toMatchObject({ ref: "${{ github.event.pull_request.head.sha }}" });
  expect(text("preview.yml")).toContain('.type == "required_reviewers"');
});

test("the job that renders a pull request gets nothing, and no job that comments runs anything of it", () => {
  const { jobs } = parse(text("files.yml")) as Workflow;
  expect(isTrusted(jobs["render"] ?? {})).toBe(false);
  expect(namesSecrets(parse(text("files.yml")))).toBe(false);
  expect(text("files.yml")).not.toContain("id-token");
  for (const name of ["files.yml", "preview.yml"]) {
    const writing = Object.values((parse(text(name)) as Workflow).jobs).filter(({ permissions }) =>
      mayComment(permissions),
    );
    expect(writing.map(({ uses }) => uses)).toEqual(["./.github/workflows/comment.yml"]);
  }
  const { post } = (parse(text("comment.yml")) as Workflow).jobs;
  expect(hasFiles(post ?? { steps: [{ uses: "actions/checkout@x" }] })).toBe(false);
});

test.each([
  [
    "a preview without reviewers",
    "preview.yml",
    /^ {4}environment: .*\n/m,
    "",
    "preview runs unreviewed code",
  ],
  [
    "a secret of a whole workflow",
    "files.yml",
    /^jobs:/m,
    "env: { A: '${{ secrets.A }}' }\njobs:",
    "every job sees",
  ],
  ["another event", "files.yml", "pull_request:", "pull_request_target:", "pull_request_target runs"],
  ["an action by its tag", "up.yml", /@[0-9a-f]{40} # v6\.1\.0/, "@v6", "actions/checkout@v6 may change"],
  ["a token that writes", "checks.yml", "contents: read", "contents: write", "may write without saying so"],
  [
    "a comment by the job that renders",
    "files.yml",
    "timeout-minutes: 15",
    "timeout-minutes: 15\n    permissions: { pull-requests: write }",
    "render runs unreviewed code",
  ],
])("%s is noticed", (_, name, from, to, complaint) => {
  const changed = text(name).replace(from, to);
  expect(changed).not.toBe(text(name));
  expect(complaints(changed).join("\n")).toContain(complaint);
});
