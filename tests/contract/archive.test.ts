import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { packed } from "../../tools/package";
import { hostKey } from "../unit/configFixtures";
import { installOffline } from "./offlineProject";

/** What a user of the library writes. */
const PROGRAM = `
const { AudioMeet } = require("audio-meet");

const meet = new AudioMeet("meet", {
  domain: "meet.example.org",
  contact: "ops@example.org",
  regions: [{
    name: "eu", machines: { provider: "existing", user: "ubuntu" },
    core: { address: "203.0.113.10", hostKey: "${hostKey()}" }, videobridges: [{ id: "fra-1", on: "core" }],
  }],
});
exports.url = meet.url;
`;

/** Previews it without an engine and prints what it would make. */
const PREVIEW = `
const pulumi = require("@pulumi/pulumi");
const made = [];
const mocks = {
  call: ({ inputs }) => inputs,
  newResource: ({ type, name, inputs }) => (made.push([type, name, inputs]), { id: name, state: inputs }),
};
pulumi.runtime.setMocks(mocks, "project", "dev", true).then(async () => {
  require("audio-meet");
  const importing = made.length;
  const { url } = require("./program.js");
  await new Promise(setImmediate);
  await pulumi.runtime.disconnect();
  url.apply((text) => console.log(JSON.stringify({ importing, text, made })));
});
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "audio-meet-library-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the archive serves a program in an empty project, with templates and helper, and importing it makes nothing", () => {
  const archive = packed(folder);
  const project = join(folder, "project");
  mkdirSync(project);
  const dependencies = { "audio-meet": `file:${archive}` };
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", dependencies }));
  writeFileSync(join(project, "program.js"), PROGRAM);
  writeFileSync(join(project, "preview.js"), PREVIEW);
  installOffline(project);
  const run = spawnSync(process.execPath, ["preview.js"], { cwd: project, encoding: "utf8" });
  const { importing, text, made } = JSON.parse(run.stdout) as {
    importing: number;
    text: string;
    made: [string, string, { stdin?: string }][];
  };
  expect(importing).toBe(0);
  expect(text).toBe("https://meet.example.org");
  const stdin = (step: string) => made.find(([, name]) => name === `meet-core-${step}`)?.[2].stdin ?? "";
  expect(stdin("bootstrap")).toContain("install.py");
  expect(stdin("files-jicofo")).toContain("jicofo.conf");
  const library = join(project, "node_modules/audio-meet");
  const types = readFileSync(join(library, "dist/components/index.d.ts"), "utf8");
  expect(types).toContain("AudioMeet");
  // What this machine alone has a use for stays in the checkout.
  const files = readdirSync(library, { recursive: true, encoding: "utf8" });
  expect(files).toContain("library.js");
  expect(files.filter((file) => /(^|\/)(lab|tests|bench)(\/|$)/.test(file))).toEqual([]);
  // Of the tools what listens to the paths at the end of `up`, with the crowd's source that it builds.
  const tools = files.filter((file) => /^dist\/tools\/[^/]+\.js$/.test(file)).sort();
  expect(tools.map((file) => basename(file, ".js"))).toEqual([
    "ear",
    "hosts",
    "outcome",
    "pulumiWords",
    "unattended",
  ]);
  expect(files).toContain("dist/rehearse/go.mod");
  const code = files.filter((file) => file.endsWith(".js"));
  expect(code.filter((file) => readFileSync(join(library, file), "utf8").includes("lab/hosts/lab"))).toEqual(
    [],
  );
}, 600_000);
