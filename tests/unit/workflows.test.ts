import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { FakePrograms } from "./fakePrograms";

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

test("every night somebody looks at the hosts, in an environment of main alone, and another one writes the issue", () => {
  const { on, jobs } = parse(text("drift.yml")) as Workflow;
  expect(Object.keys(on as object).sort()).toEqual(["schedule", "workflow_dispatch"]);
  const { stacks, drift, issue } = jobs;
  expect(drift?.environment).toBe("${{ matrix.stack }}-drift");
  expect(mayWrite(drift?.permissions)).toBe(false);
  // The key of `up`, which is root on every host, is not here.
  expect(text("drift.yml")).not.toContain("JITSI_SSH_PRIVATE_KEY");
  expect(JSON.stringify(stacks)).toContain("deployment_branch_policy");
  expect(issue?.permissions).toEqual({ issues: "write" });
  expect([hasFiles(issue ?? {}), namesSecrets(issue)]).toEqual([false, false]);
});

test("events wake and park bridges in an environment of main alone, by a file that is committed before it is deployed", () => {
  const { on, jobs } = parse(text("events.yml")) as Workflow;
  expect(Object.keys(on as object).sort()).toEqual(["schedule", "workflow_dispatch"]);
  const { stacks, up } = jobs;
  expect([up?.environment, up?.permissions]).toEqual([
    "${{ matrix.stack }}-events",
    { contents: "write", "id-token": "write" },
  ]);
  expect([mayWrite(stacks?.permissions), namesSecrets(stacks)]).toEqual([false, false]);
  expect(JSON.stringify(stacks)).toContain("deployment_branch_policy");
});

describe("waking and parking by events", () => {
  const { up } = (parse(text("events.yml")) as Workflow).jobs;
  const script = up?.steps?.find(({ run = "" }) => run.includes("pulumi up"))?.run ?? "";

  /** What is run, and how that ends. `parked`: what the tool writes. */
  function commands(preview: number, parked: string): { code: number | null; ran: string[] } {
    const programs = new FakePrograms("events-");
    try {
      programs.add("pulumi", `case "$1" in preview) exit ${preview};; esac`);
      programs.add("npm", `printf '%s' '${parked}' >Pulumi.prod.yaml`);
      const git = (...args: string[]) => spawnSync("git", args, { cwd: programs.folder });
      writeFileSync(join(programs.folder, "Pulumi.prod.yaml"), "parked: true");
      git("init", "-q");
      git("add", "Pulumi.prod.yaml");
      git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a");
      programs.add("git", `case "$*" in diff*) exec /usr/bin/git "$@";; esac`);
      const PATH = `${programs.folder}:${process.env["PATH"] ?? ""}`;
      const github = { GITHUB_SERVER_URL: "https://github.example", GITHUB_REPOSITORY: "a/b", GH_TOKEN: "t" };
      const env = { ...process.env, ...github, PATH, STACK: "prod" };
      const { status } = spawnSync("bash", ["-e", "-c", script], { cwd: programs.folder, env });
      const log = (name: string) => {
        const file = join(programs.folder, `${name}.log`);
        return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
      };
      const changing = log("git").filter((call) => /commit|push/.test(call));
      return {
        code: status,
        ran: [...changing, ...log("pulumi").filter((call) => !call.startsWith("preview"))],
      };
    } finally {
      rmSync(programs.folder, { recursive: true });
    }
  }

  test("commits what the tool has written, then deploys it", () => {
    const { code, ran } = commands(0, "parked: false");
    expect(code).toBe(0);
    expect(ran.map((call) => call.replace(/^(-c \S+ )*/, ""))).toEqual([
      "commit --message Wake and park the bridges of prod for its events -- Pulumi.prod.yaml",
      "push https://x-access-token:t@github.example/a/b HEAD:main",
      "up --stack prod --non-interactive --yes --suppress-progress --policy-pack policy",
    ]);
  });

  test("does nothing where nothing is to be done, and brings no change that nobody has approved", () => {
    expect(commands(0, "parked: true")).toEqual({ code: 0, ran: [] });
    expect(commands(1, "parked: false")).toEqual({ code: 1, ran: [] });
  });
});

test("what destroy takes is listed for its reviewers before they approve", () => {
  const { on, jobs } = parse(text("destroy.yml")) as Workflow;
  expect(Object.keys(on as object)).toEqual(["workflow_dispatch"]);
  const { preview, destroy } = jobs as Record<string, Job & { needs: string }>;
  expect([preview?.needs, destroy?.needs]).toEqual(["confirm", "preview"]);
  expect([preview?.environment, destroy?.environment]).toEqual([
    "${{ inputs.stack }}-preview",
    "${{ inputs.stack }}",
  ]);
  expect(JSON.stringify(preview?.steps)).toContain("pulumi destroy --preview-only");
  expect(JSON.stringify(preview)).not.toContain("SSH_PRIVATE_KEY");
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

describe("the issue about drift", () => {
  const { issue } = (parse(text("drift.yml")) as Workflow).jobs;
  const script = issue?.steps?.find(({ run }) => run !== undefined)?.run ?? "";

  /** What GitHub is asked to change after a night that ended so, while this issue is open. */
  function changes(code: number, open: string): { asked: string[]; body: string } {
    const programs = new FakePrograms("issue-");
    try {
      programs.add("gh", `case "$*" in *--paginate*) echo "${open}";; esac`);
      writeFileSync(join(programs.folder, "code.txt"), `${code}\n`);
      writeFileSync(join(programs.folder, "drift.txt"), "core: 1 difference\n  content /etc/a: @everybody\n");
      const PATH = `${programs.folder}:${process.env["PATH"] ?? ""}`;
      const env = { ...process.env, PATH, STACK: "prod", RUN: "https://x/1", GITHUB_REPOSITORY: "a/b" };
      const { status } = spawnSync("bash", ["-e", "-c", script], { cwd: programs.folder, env });
      expect(status).toBe(0);
      const calls = readFileSync(join(programs.folder, "gh.log"), "utf8").trim().split("\n");
      const file = join(programs.folder, "body.md");
      return {
        asked: calls.filter((call) => call.includes("--method")),
        body: existsSync(file) ? readFileSync(file, "utf8") : "",
      };
    } finally {
      rmSync(programs.folder, { recursive: true });
    }
  }

  test("is opened with what differs, none of which mentions anybody", () => {
    const { asked, body } = changes(2, "");
    expect(asked).toEqual([
      "api --silent --method POST repos/a/b/issues -f title=Drift of prod -F body=@body.md",
    ]);
    expect(body).toContain("\n    core: 1 difference\n      content /etc/a: @everybody\n");
    expect(body).toContain("npm run drift -- --stack prod --repair");
  });

  test("is brought up to date while it is open, also where a host was not reached", () => {
    expect(changes(1, "7").asked).toEqual([
      "api --silent --method PATCH repos/a/b/issues/7 -F body=@body.md",
    ]);
  });

  test("is closed when nothing differs any more, and nothing happens where there is none", () => {
    expect(changes(0, "7").asked).toEqual([
      "api --silent --method PATCH repos/a/b/issues/7 -f state=closed -f state_reason=completed",
    ]);
    expect(changes(0, "").asked).toEqual([]);
  });
});
