import { generateKeyPairSync } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { ProviderUnderTest, secret, UNKNOWN, type Properties } from "./support/provider";
import { SshServer } from "./support/sshServer";

const TYPE = "command:remote:Command";

let provider: ProviderUnderTest;
let server: SshServer & { hostKey: string };

beforeEach(async () => {
  provider = await ProviderUnderTest.start("command");
  server = await SshServer.start({ acceptEnvironment: ["LANG", "PULUMI_COMMAND_STDOUT"] });
});
afterEach(async () => {
  provider.stop();
  await server.stop();
});

function connection(more: Properties = {}): Properties {
  const { port, hostKey, clientKey } = server;
  return { host: "127.0.0.1", user: "root", port, hostKey, privateKey: clientKey.private, ...more };
}

function args(more: Properties, reach: Properties = connection()): Properties {
  return { connection: secret(reach), addPreviousOutputInEnv: false, ...more };
}

async function unusedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe("preview", () => {
  test("a preview of a new command opens no connection and leaves the outputs unknown", async () => {
    const planned = await provider.create(TYPE, args({ create: "echo" }), { preview: true });
    expect(server.connections).toBe(0);
    expect([planned.outputs["stdout"], planned.outputs["stderr"]]).toEqual([UNKNOWN, UNKNOWN]);
  });

  test("a preview of an update makes both outputs unknown and opens no connection", async () => {
    const old = await provider.create(TYPE, args({ create: "echo one" }));
    const planned = await provider.update(TYPE, old, args({ create: "echo two" }), { preview: true });
    expect(server.connections).toBe(1);
    expect([planned.outputs["stdout"], planned.outputs["stderr"]]).toEqual([UNKNOWN, UNKNOWN]);
  });

  test("inputs that are not known yet pass the check", async () => {
    const reach = connection({ host: UNKNOWN, port: UNKNOWN });
    expect(await provider.refusals(TYPE, args({ create: "echo", stdin: UNKNOWN }, reach))).toEqual([]);
  });
});

describe("life of a command", () => {
  test("create runs the command with its input and records both outputs without one trailing newline", async () => {
    const made = await provider.create(TYPE, args({ create: "cat; printf 'b\\n\\n' >&2", stdin: "a\n" }));
    expect(made.outputs).toMatchObject({ stdout: "a", stderr: "b\n" });
    expect(server.terminals).toEqual([]);
  });

  test("without stdin the command reads an end of file", async () => {
    const made = await provider.create(TYPE, args({ create: "cat; echo done" }));
    expect(made.outputs["stdout"]).toBe("done");
  });

  test("a large input and a large output arrive whole", async () => {
    const stdin = "0123456789abcdef".repeat(64 * 1024);
    const made = await provider.create(TYPE, args({ create: "cat", stdin, logging: "none" }));
    expect(made.outputs["stdout"]).toBe(stdin);
  });

  test("a command with only `delete` dials nothing on create and runs on delete", async () => {
    const made = await provider.create(TYPE, args({ delete: "echo bye" }));
    expect(server.connections).toBe(0);
    await provider.delete(TYPE, made);
    expect(server.commands).toEqual(["echo bye"]);
  });

  test("an update runs `update`, and `create` where there is none", async () => {
    const old = await provider.create(TYPE, args({ create: "echo c" }));
    await provider.update(TYPE, old, args({ create: "echo c", update: "echo u" }));
    await provider.update(TYPE, old, args({ create: "echo c", stdin: "x" }));
    expect(server.commands).toEqual(["echo c", "echo u", "echo c"]);
  });

  test("an update without any command to run dials nothing and keeps the outputs", async () => {
    const old = await provider.create(TYPE, args({ create: "echo kept" }));
    const next = await provider.update(TYPE, old, args({ delete: "true" }));
    expect(server.connections).toBe(1);
    expect(next.outputs["stdout"]).toBe("kept");
  });

  test("delete uses command, input and connection of the state", async () => {
    const made = await provider.create(
      TYPE,
      args({ create: "true", delete: "cat >&2; exit 3", stdin: "from state" }),
    );
    await expect(provider.delete(TYPE, made)).rejects.toThrow(/status 3[\s\S]*from state/);
  });

  test("without `delete` nothing is dialled", async () => {
    const made = await provider.create(TYPE, args({ create: "true" }));
    await provider.delete(TYPE, made);
    expect(server.connections).toBe(1);
  });

  test("a refresh returns the state as it is", async () => {
    const made = await provider.create(TYPE, args({ create: "echo x" }));
    expect(await provider.read(TYPE, made)).toEqual(made.state);
    expect(server.connections).toBe(1);
  });

  test("the connection stays secret in the state", async () => {
    const made = await provider.create(TYPE, args({ create: "true" }));
    expect(made.state["connection"]).toEqual(made.inputs["connection"]);
    expect(JSON.stringify({ ...made.state, connection: "" })).not.toContain("PRIVATE KEY");
  });
});

describe("failure", () => {
  test("the message names status and quoted command, then everything that was written", async () => {
    const command = `printf 'out "1"\\n'; echo err >&2; exit 7`;
    const quoted = `"printf 'out \\"1\\"\\\\n'; echo err >&2; exit 7"`;
    const attempt = provider.create(TYPE, args({ create: command }));
    const error = await attempt.then(
      () => "",
      (reason: unknown) => String(reason),
    );
    expect(error).toContain(`Process exited with status 7: running ${quoted}:\n`);
    expect(error).toContain('out "1"\n');
    expect(error).toContain("err\n");
  });

  test("a command ended by a signal reports it", async () => {
    await expect(provider.create(TYPE, args({ create: "kill -9 $$" }))).rejects.toThrow(
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
    const old = await provider.create(TYPE, args(before));
    const plan = await provider.diff(TYPE, old, args(next));
    expect(plan).toMatchObject({ changes: true, replaces: [] });
    expect(plan.paths).toEqual([name]);
  });

  test("a changed connection is an update in place", async () => {
    const old = await provider.create(TYPE, args(before));
    const plan = await provider.diff(TYPE, old, args(before, connection({ dialErrorLimit: 60 })));
    expect(plan).toMatchObject({ changes: true, replaces: [] });
  });

  test("the same inputs are no change", async () => {
    const old = await provider.create(TYPE, args(before));
    expect(await provider.diff(TYPE, old, args(before))).toMatchObject({ changes: false, replaces: [] });
  });

  test("a changed trigger is found at its place in the list", async () => {
    const old = await provider.create(TYPE, args(before));
    const plan = await provider.diff(TYPE, old, args({ ...before, triggers: ["x", "y"] }));
    expect(plan.changes).toBe(true);
    expect(plan.paths.every((path) => path.startsWith("triggers"))).toBe(true);
  });
});

describe("environment", () => {
  test("accepted names reach the command", async () => {
    const made = await provider.create(
      TYPE,
      args({ create: "echo $LANG", environment: { LANG: "C.UTF-8" } }),
    );
    expect(made.outputs["stdout"]).toBe("C.UTF-8");
  });

  test("a refused name is an error and the command does not run", async () => {
    await expect(
      provider.create(TYPE, args({ create: "echo", environment: { SECRET: "x" } })),
    ).rejects.toThrow(/SECRET|environment/i);
    expect(server.commands).toEqual([]);
  });

  test("previous outputs are sent on update, and a refusal only warns", async () => {
    const inputs = { create: "echo one; echo two >&2", addPreviousOutputInEnv: true };
    const old = await provider.create(TYPE, args(inputs));
    await provider.update(TYPE, old, args({ ...inputs, update: "true" }));
    // PULUMI_COMMAND_STDERR is not accepted by this server.
    expect(server.environments[1]).toEqual({ PULUMI_COMMAND_STDOUT: "one" });
  });

  test("addPreviousOutputInEnv: false sends nothing", async () => {
    const old = await provider.create(TYPE, args({ create: "echo one" }));
    await provider.update(TYPE, old, args({ create: "echo two" }));
    expect(server.environments).toEqual([{}, {}]);
  });
});

describe("logging", () => {
  test.each([
    ["none", []],
    ["stdout", ["line out"]],
    ["stderr", ["line err"]],
  ])("`%s` shows just that", async (logging, expected) => {
    await provider.create(TYPE, args({ create: "echo line out; echo line err >&2", logging }));
    const lines = provider.log.lines.filter(({ message }) => message.startsWith("line"));
    expect(lines.map(({ message }) => message.trim())).toEqual(expected);
    expect(lines.every(({ ephemeral }) => ephemeral)).toBe(true);
  });
});

describe("connection", () => {
  test("another host key is refused", async () => {
    const other = await SshServer.start();
    const attempt = provider.create(
      TYPE,
      args({ create: "true" }, connection({ hostKey: other.hostKey, dialErrorLimit: 0 })),
    );
    await expect(attempt).rejects.toThrow();
    expect(server.commands).toEqual([]);
    await other.stop();
  });

  test("the algorithm of the given host key is asked for even where the server prefers another", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const ecdsa = privateKey.export({ format: "pem", type: "sec1" }).toString();
    await server.stop();
    const { utils } = await import("ssh2");
    const ed25519 = utils.generateKeyPairSync("ed25519");
    server = await SshServer.start({ hostKeys: [ecdsa, ed25519.private] });
    const made = await provider.create(
      TYPE,
      args({ create: "echo in" }, connection({ hostKey: ed25519.public, dialErrorLimit: 0 })),
    );
    expect(made.outputs["stdout"]).toBe("in");
  });

  test("without a host key any key is accepted", async () => {
    const { hostKey: _, ...open } = connection();
    const made = await provider.create(TYPE, args({ create: "echo in" }, open));
    expect(made.outputs["stdout"]).toBe("in");
  });

  test("a password logs in", async () => {
    const { privateKey: _, ...rest } = connection({ password: "let me in" });
    const made = await provider.create(TYPE, args({ create: "echo in" }, rest));
    expect(made.outputs["stdout"]).toBe("in");
  });

  test("a refused login is dialled again", async () => {
    await server.stop();
    server = await SshServer.start({ refuseLogins: 2 });
    const made = await provider.create(TYPE, args({ create: "echo in" }));
    expect(made.outputs["stdout"]).toBe("in");
    expect(server.connections).toBe(3);
  });

  test("dialErrorLimit n allows n failed dials before the last one, with growing pauses", async () => {
    const reach = connection({ port: await unusedPort(), dialErrorLimit: 4 });
    const started = Date.now();
    await expect(provider.create(TYPE, args({ create: "true" }, reach))).rejects.toThrow(/4/);
    // 0.1 s × (1 + 1.5 + 2.25 + 3.375) = 0.81 s
    expect(Date.now() - started).toBeGreaterThan(780);
    expect(Date.now() - started).toBeLessThan(3000);
  });

  test("the custom timeout bounds dialling", async () => {
    const reach = connection({ port: await unusedPort(), dialErrorLimit: -1 });
    const started = Date.now();
    await expect(
      provider.create(TYPE, args({ create: "true" }, reach), { timeoutSeconds: 1 }),
    ).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(6000);
  });

  test("a dead agent is an error at once", async () => {
    const started = Date.now();
    const reach = connection({ agentSocketPath: "/nonexistent/agent.sock" });
    await expect(provider.create(TYPE, args({ create: "true" }, reach))).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(2000);
    expect(server.connections).toBe(0);
  });

  test("a proxy is logged in to first, with its own host key", async () => {
    const jump = await SshServer.start();
    const proxy = {
      host: "127.0.0.1",
      user: "root",
      port: jump.port,
      hostKey: jump.hostKey,
      privateKey: jump.clientKey.private,
    };
    const made = await provider.create(TYPE, args({ create: "echo through" }, connection({ proxy })));
    expect(made.outputs["stdout"]).toBe("through");
    expect([jump.connections, jump.commands, server.commands]).toEqual([1, [], ["echo through"]]);
    await jump.stop();
  });

  test("an unknown field is refused", async () => {
    expect(
      await provider.refusals(TYPE, args({ create: "true" }, connection({ hostname: "x" }))),
    ).not.toEqual([]);
  });

  test("a missing host is refused", async () => {
    const { host: _, ...rest } = connection();
    expect(await provider.refusals(TYPE, args({ create: "true" }, rest))).not.toEqual([]);
  });
});
