import { UNKNOWN } from "./support/provider";
import { RemoteBench, TYPE } from "./support/remote";

const bench = RemoteBench.install();

describe("preview", () => {
  test("a preview of a new command opens no connection and leaves the outputs unknown", async () => {
    const planned = await bench.provider.create(TYPE, bench.args({ create: "echo" }), { preview: true });
    expect(bench.server.connections).toBe(0);
    expect([planned.outputs["stdout"], planned.outputs["stderr"]]).toEqual([UNKNOWN, UNKNOWN]);
  });

  test("a preview of an update makes both outputs unknown and opens no connection", async () => {
    const old = await bench.provider.create(TYPE, bench.args({ create: "echo one" }));
    const planned = await bench.provider.update(TYPE, old, bench.args({ create: "echo two" }), {
      preview: true,
    });
    expect(bench.server.connections).toBe(1);
    expect([planned.outputs["stdout"], planned.outputs["stderr"]]).toEqual([UNKNOWN, UNKNOWN]);
  });

  test("inputs that are not known yet pass the check", async () => {
    const reach = bench.connection({ host: UNKNOWN, port: UNKNOWN });
    expect(
      await bench.provider.refusals(TYPE, bench.args({ create: "echo", stdin: UNKNOWN }, reach)),
    ).toEqual([]);
  });
});

describe("life of a command", () => {
  test("create runs the command with its input and records both outputs without one trailing newline", async () => {
    const made = await bench.provider.create(
      TYPE,
      bench.args({ create: "cat; printf 'b\\n\\n' >&2", stdin: "a\n" }),
    );
    expect(made.outputs).toMatchObject({ stdout: "a", stderr: "b\n" });
    expect(bench.server.terminals).toEqual([]);
  });

  test("without stdin the command reads an end of file", async () => {
    const made = await bench.provider.create(TYPE, bench.args({ create: "cat; echo done" }));
    expect(made.outputs["stdout"]).toBe("done");
  });

  test("a large input and a large output arrive whole", async () => {
    const stdin = "0123456789abcdef".repeat(64 * 1024);
    const made = await bench.provider.create(TYPE, bench.args({ create: "cat", stdin, logging: "none" }));
    expect(made.outputs["stdout"]).toBe(stdin);
  });

  test("a command with only `delete` dials nothing on create and runs on delete", async () => {
    const made = await bench.provider.create(TYPE, bench.args({ delete: "echo bye" }));
    expect(bench.server.connections).toBe(0);
    await bench.provider.delete(TYPE, made);
    expect(bench.server.commands).toEqual(["echo bye"]);
  });

  test("an update runs `update`, and `create` where there is none", async () => {
    const old = await bench.provider.create(TYPE, bench.args({ create: "echo c" }));
    await bench.provider.update(TYPE, old, bench.args({ create: "echo c", update: "echo u" }));
    await bench.provider.update(TYPE, old, bench.args({ create: "echo c", stdin: "x" }));
    expect(bench.server.commands).toEqual(["echo c", "echo u", "echo c"]);
  });

  test("an update without any command to run dials nothing and keeps the outputs", async () => {
    const old = await bench.provider.create(TYPE, bench.args({ create: "echo kept" }));
    const next = await bench.provider.update(TYPE, old, bench.args({ delete: "true" }));
    expect(bench.server.connections).toBe(1);
    expect(next.outputs["stdout"]).toBe("kept");
  });

  test("delete uses command, input and connection of the state", async () => {
    const made = await bench.provider.create(
      TYPE,
      bench.args({ create: "true", delete: "cat >&2; exit 3", stdin: "from state" }),
    );
    await expect(bench.provider.delete(TYPE, made)).rejects.toThrow(/status 3[\s\S]*from state/);
  });

  test("without `delete` nothing is dialled", async () => {
    const made = await bench.provider.create(TYPE, bench.args({ create: "true" }));
    await bench.provider.delete(TYPE, made);
    expect(bench.server.connections).toBe(1);
  });

  test("a refresh returns the state as it is", async () => {
    const made = await bench.provider.create(TYPE, bench.args({ create: "echo x" }));
    expect(await bench.provider.read(TYPE, made)).toEqual(made.state);
    expect(bench.server.connections).toBe(1);
  });

  test("the connection stays secret in the state", async () => {
    const made = await bench.provider.create(TYPE, bench.args({ create: "true" }));
    expect(made.state["connection"]).toEqual(made.inputs["connection"]);
    expect(JSON.stringify({ ...made.state, connection: "" })).not.toContain("PRIVATE KEY");
  });
});

describe("failure", () => {
  test("the message names status and quoted command, then everything that was written", async () => {
    const command = `printf 'out "1"\\n'; echo err >&2; exit 7`;
    const quoted = `"printf 'out \\"1\\"\\\\n'; echo err >&2; exit 7"`;
    const attempt = bench.provider.create(TYPE, bench.args({ create: command }));
    const error = await attempt.then(
      () => "",
      (reason: unknown) => String(reason),
    );
    expect(error).toContain(`Process exited with status 7: running ${quoted}:\n`);
    expect(error).toContain('out "1"\n');
    expect(error).toContain("err\n");
  });

  test("a command ended by a signal reports it", async () => {
    await expect(bench.provider.create(TYPE, bench.args({ create: "kill -9 $$" }))).rejects.toThrow(
      /status 137 from signal KILL/,
    );
  });
});

describe("diff", () => {
  const before = { create: "echo", stdin: "a", triggers: ["x"] };

  test.each([
    ["create", { ...before, create: "echo 2" }],
    ["delete", { ...before, delete: "echo" }],
    ["stdin", { ...before, stdin: "b" }],
    ["logging", { ...before, logging: "none" }],
  ])("a changed `%s` is an update in place", async (name, next) => {
    const old = await bench.provider.create(TYPE, bench.args(before));
    const plan = await bench.provider.diff(TYPE, old, bench.args(next));
    expect(plan).toMatchObject({ changes: true, replaces: [] });
    expect(plan.paths).toEqual([name]);
  });

  test("a changed connection is an update in place", async () => {
    const old = await bench.provider.create(TYPE, bench.args(before));
    const plan = await bench.provider.diff(
      TYPE,
      old,
      bench.args(before, bench.connection({ dialErrorLimit: 60 })),
    );
    expect(plan).toMatchObject({ changes: true, replaces: [] });
  });

  test("the same inputs are no change", async () => {
    const old = await bench.provider.create(TYPE, bench.args(before));
    expect(await bench.provider.diff(TYPE, old, bench.args(before))).toMatchObject({
      changes: false,
      replaces: [],
    });
  });

  test("a changed trigger is found at its place in the list", async () => {
    const old = await bench.provider.create(TYPE, bench.args(before));
    const plan = await bench.provider.diff(TYPE, old, bench.args({ ...before, triggers: ["x", "y"] }));
    expect(plan.changes).toBe(true);
    expect(plan.paths.every((path) => path.startsWith("triggers"))).toBe(true);
  });
});
