import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FakePrograms } from "./fakePrograms";

let programs: FakePrograms;

beforeEach(() => {
  programs = new FakePrograms("rehearse-");
  programs.add("go", "exit 1");
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

const rehearse = (outputs: object, ...more: string[]) => {
  programs.add("pulumi", `echo '${JSON.stringify(outputs)}'`);
  return programs.tool("rehearse.ts", ["--stack", "dev", ...more]);
};

const OUTPUTS = { url: "https://meet.example.org", dns: {}, ssh: {}, bridges: {} };
const STAND_INS = { jicofo: "1.0-0+standin1", videobridge: "2.3-0+standin1" };
const REAL = { jicofo: "1.0-1189-1", videobridge: "2.3-307-g4bb0aead1-1", jibri: "8.0-0+standin1" };

test.each([[[]], [["--paths"]]])(
  "a deployment of stand-ins is refused before anything is built, with %j",
  (words) => {
    const { status, stdout, stderr } = rehearse({ ...OUTPUTS, release: STAND_INS }, ...words);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      /^dev runs videobridge 2\.3-0\+standin1, a stand-in of the lab that carries no sound/,
    );
    expect(existsSync(join(programs.folder, "go.log"))).toBe(false);
  },
);

test("a stack that is not there is said with what to do", () => {
  programs.add("pulumi", "echo \"error: no stack named 'dev' found\" >&2; exit 255");
  const { status, stderr } = programs.tool("rehearse.ts", ["--stack", "dev"]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/no stack named 'dev' found; pulumi stack ls .*pulumi stack init/);
});

test("one with Jitsi's own bridge and jicofo is not, whatever else is a stand-in, nor one whose outputs name no versions", () => {
  for (const release of [REAL, undefined]) {
    const { stderr } = rehearse({ ...OUTPUTS, release });
    expect(stderr).toMatch(/^go build: /);
  }
});
