import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProviderUnderTest, UNKNOWN } from "./support/provider";

const TYPE = "command:local:Command";

let provider: ProviderUnderTest;
let folder: string;

beforeAll(async () => {
  provider = await ProviderUnderTest.start("command");
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
});
afterAll(() => {
  provider.stop();
  rmSync(folder, { recursive: true });
});

test("create runs in `dir` with stdin and environment, and records both outputs", async () => {
  const inputs = {
    create: 'pwd; cat; echo "$GREETING" >&2',
    dir: folder,
    stdin: "in\n",
    environment: { GREETING: "hi" },
  };
  expect((await provider.create(TYPE, inputs)).outputs).toMatchObject({
    stdout: `${folder}\nin`,
    stderr: "hi",
  });
});

test("a preview runs nothing", async () => {
  const file = join(folder, "preview");
  const planned = await provider.create(TYPE, { create: `touch ${file}` }, { preview: true });
  expect(planned.outputs["stdout"]).toBe(UNKNOWN);
  expect(() => readFileSync(file)).toThrow();
});

test("the interpreter gets the command as its last argument", async () => {
  const made = await provider.create(TYPE, { create: "console.log(6 * 7)", interpreter: ["node", "-e"] });
  expect(made.outputs["stdout"]).toBe("42");
});

test("a folder that does not exist is an error", async () => {
  await expect(provider.create(TYPE, { create: "true", dir: join(folder, "none") })).rejects.toThrow();
});

test("a failure names status, command and output", async () => {
  const attempt = provider.create(TYPE, { create: "echo why; exit 5" });
  await expect(attempt).rejects.toThrow(/exit status 5: running "echo why; exit 5":\nwhy\n/);
});

test("update and delete see the previous outputs, unless that is switched off", async () => {
  const update = 'echo "$PULUMI_COMMAND_STDOUT|$PULUMI_COMMAND_STDERR"';
  const old = await provider.create(TYPE, { create: "echo one; echo two >&2" });
  expect((await provider.update(TYPE, old, { create: "true", update })).outputs["stdout"]).toBe("one|two");
  const off = await provider.update(TYPE, old, { create: "true", update, addPreviousOutputInEnv: false });
  expect(off.outputs["stdout"]).toBe("|");
});

test("delete runs with the inputs of the state", async () => {
  const file = join(folder, "deleted");
  const made = await provider.create(TYPE, {
    create: "echo made",
    delete: `echo "$PULUMI_COMMAND_STDOUT $WHO" > ${file}`,
    environment: { WHO: "me" },
  });
  await provider.delete(TYPE, made);
  expect(readFileSync(file, "utf8")).toBe("made me\n");
});

test("triggers are compared element by element, everything else updates in place", async () => {
  const old = await provider.create(TYPE, { create: "true", triggers: [1] });
  expect((await provider.diff(TYPE, old, { create: "false", triggers: [1] })).replaces).toEqual([]);
  expect((await provider.diff(TYPE, old, { create: "true", triggers: [2] })).paths[0]).toMatch(/^triggers/);
});

test("a property that does not exist is refused", async () => {
  expect(await provider.refusals(TYPE, { create: "true", crate: "x" })).not.toEqual([]);
});
