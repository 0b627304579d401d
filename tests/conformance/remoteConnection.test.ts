import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { utils } from "ssh2";
import type { Properties } from "./support/provider";
import { RemoteBench, TYPE } from "./support/remote";
import { SshServer } from "./support/sshServer";

const bench = RemoteBench.install();

function without(properties: Properties, name: string): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => key !== name));
}

async function unusedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Centiseconds until the kernel asks whether the other end is still there, of each connection to that port; none where it never asks. */
function keepAliveTimers(port: number): number[] {
  const target = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  // Columns: local and remote address, state, queues, timer:when. Source: Linux, Documentation/networking/proc_net_tcp.rst.
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n");
  const ours = rows.map((row) => row.trim().split(/\s+/)).filter((columns) => columns[2] === target);
  const timers = ours.map((columns) => (columns[5] ?? "").split(":"));
  return timers.filter(([kind]) => kind === "02").map(([, when = ""]) => Number.parseInt(when, 16));
}

async function until<T>(seconds: number, ask: () => T | undefined): Promise<T | undefined> {
  const end = Date.now() + seconds * 1000;
  let answer = ask();
  while (answer === undefined && Date.now() < end) {
    await sleep(50);
    answer = ask();
  }
  return answer;
}

describe("environment", () => {
  test("accepted names reach the command", async () => {
    const made = await bench.provider.create(
      TYPE,
      bench.args({ create: "echo $LANG", environment: { LANG: "C.UTF-8" } }),
    );
    expect(made.outputs["stdout"]).toBe("C.UTF-8");
  });

  test("a refused name is an error and the command does not run", async () => {
    await expect(
      bench.provider.create(TYPE, bench.args({ create: "echo", environment: { SECRET: "x" } })),
    ).rejects.toThrow(/SECRET|environment/i);
    expect(bench.server.commands).toEqual([]);
  });

  test("previous outputs are sent on update, and a refusal only warns", async () => {
    const inputs = { create: "echo one; echo two >&2", addPreviousOutputInEnv: true };
    const old = await bench.provider.create(TYPE, bench.args(inputs));
    await bench.provider.update(TYPE, old, bench.args({ ...inputs, update: "true" }));
    // PULUMI_COMMAND_STDERR is not accepted by this bench.server.
    expect(bench.server.environments[1]).toEqual({ PULUMI_COMMAND_STDOUT: "one" });
  });

  test("addPreviousOutputInEnv: false sends nothing", async () => {
    const old = await bench.provider.create(TYPE, bench.args({ create: "echo one" }));
    await bench.provider.update(TYPE, old, bench.args({ create: "echo two" }));
    expect(bench.server.environments).toEqual([{}, {}]);
  });
});

describe("logging", () => {
  test.each([
    ["none", []],
    ["stdout", ["line out"]],
    ["stderr", ["line err"]],
  ])("`%s` shows just that", async (logging, expected) => {
    await bench.provider.create(TYPE, bench.args({ create: "echo line out; echo line err >&2", logging }));
    const lines = bench.provider.log.lines.filter(({ message }) => message.startsWith("line"));
    expect(lines.map(({ message }) => message.trim())).toEqual(expected);
    expect(lines.every(({ ephemeral }) => ephemeral)).toBe(true);
  });
});

describe("connection", () => {
  test("another host key is refused", async () => {
    const other = await SshServer.start();
    const attempt = bench.provider.create(
      TYPE,
      bench.args({ create: "true" }, bench.connection({ hostKey: other.hostKey, dialErrorLimit: 0 })),
    );
    await expect(attempt).rejects.toThrow();
    expect(bench.server.commands).toEqual([]);
  });

  test("the algorithm of the given host key is asked for even where the server prefers another", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const ecdsa = privateKey.export({ format: "pem", type: "sec1" }).toString();
    const ed25519 = utils.generateKeyPairSync("ed25519");
    await bench.serve({ hostKeys: [ecdsa, ed25519.private] });
    const made = await bench.provider.create(
      TYPE,
      bench.args({ create: "echo in" }, bench.connection({ hostKey: ed25519.public, dialErrorLimit: 0 })),
    );
    expect(made.outputs["stdout"]).toBe("in");
  });

  test("without a host key any key is accepted", async () => {
    const open = without(bench.connection(), "hostKey");
    const made = await bench.provider.create(TYPE, bench.args({ create: "echo in" }, open));
    expect(made.outputs["stdout"]).toBe("in");
  });

  test("a password logs in", async () => {
    const rest = without(bench.connection({ password: "let me in" }), "privateKey");
    const made = await bench.provider.create(TYPE, bench.args({ create: "echo in" }, rest));
    expect(made.outputs["stdout"]).toBe("in");
  });

  test("a refused login is dialled again", async () => {
    await bench.serve({ refuseLogins: 2 });
    const made = await bench.provider.create(TYPE, bench.args({ create: "echo in" }));
    expect(made.outputs["stdout"]).toBe("in");
    expect(bench.server.connections).toBe(3);
  });

  test("dialErrorLimit n allows n failed dials before the last one, with growing pauses", async () => {
    const reach = bench.connection({ port: await unusedPort(), dialErrorLimit: 4 });
    const started = Date.now();
    await expect(bench.provider.create(TYPE, bench.args({ create: "true" }, reach))).rejects.toThrow(/4/);
    // 0.1 s × (1 + 1.5 + 2.25 + 3.375) = 0.81 s
    expect(Date.now() - started).toBeGreaterThan(780);
    expect(Date.now() - started).toBeLessThan(3000);
  });

  test("the custom timeout bounds dialling", async () => {
    const reach = bench.connection({ port: await unusedPort(), dialErrorLimit: -1 });
    const started = Date.now();
    await expect(
      bench.provider.create(TYPE, bench.args({ create: "true" }, reach), { timeoutSeconds: 1 }),
    ).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(6000);
  });

  test("a host that says nothing for 15 s is asked by the kernel whether it is still there", async () => {
    const running = bench.provider.create(TYPE, bench.args({ create: "sleep 2" }));
    const asked = await until(1.9, () =>
      bench.server.commands.length > 0 ? keepAliveTimers(bench.server.port)[0] : undefined,
    );
    await running;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(1500);
  });

  test("a dead agent is an error at once", async () => {
    const started = Date.now();
    const reach = bench.connection({ agentSocketPath: "/nonexistent/agent.sock" });
    await expect(bench.provider.create(TYPE, bench.args({ create: "true" }, reach))).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(2000);
    expect(bench.server.connections).toBe(0);
  });

  async function jumpHost() {
    const jump = await SshServer.start();
    const { port, hostKey, clientKey } = jump;
    return { jump, proxy: { host: "127.0.0.1", user: "root", port, hostKey, privateKey: clientKey.private } };
  }

  test("a proxy is logged in to first, with its own host key", async () => {
    const { jump, proxy } = await jumpHost();
    const made = await bench.provider.create(
      TYPE,
      bench.args({ create: "echo through" }, bench.connection({ proxy })),
    );
    expect(made.outputs["stdout"]).toBe("through");
    expect([jump.connections, jump.commands, bench.server.commands]).toEqual([1, [], ["echo through"]]);
  });

  test("behind a proxy a port that is closed is dialled again, over the same login to the proxy", async () => {
    const { jump, proxy } = await jumpHost();
    const port = await unusedPort();
    const { hostKey, clientKey } = bench.server;
    const late = createServer((socket) => {
      socket.pipe(connect(bench.server.port, "127.0.0.1")).pipe(socket);
    });
    const opening = setTimeout(() => late.listen(port, "127.0.0.1"), 400);
    const reach = { host: "127.0.0.1", user: "root", port, hostKey, privateKey: clientKey.private, proxy };
    try {
      const made = await bench.provider.create(TYPE, bench.args({ create: "echo late" }, reach));
      expect(made.outputs["stdout"]).toBe("late");
      expect([jump.connections, bench.server.connections]).toEqual([1, 1]);
    } finally {
      clearTimeout(opening);
      late.close();
    }
  });

  test("behind a proxy the target's own dialErrorLimit counts", async () => {
    const { jump, proxy } = await jumpHost();
    const reach = bench.connection({ port: await unusedPort(), dialErrorLimit: 3, proxy });
    const started = Date.now();
    await expect(bench.provider.create(TYPE, bench.args({ create: "true" }, reach))).rejects.toThrow(/3/);
    // 0.1 s × (1 + 1.5 + 2.25) = 0.475 s
    expect(Date.now() - started).toBeGreaterThan(450);
    expect(jump.connections).toBe(1);
  });

  test("an unknown field is refused", async () => {
    expect(
      await bench.provider.refusals(
        TYPE,
        bench.args({ create: "true" }, bench.connection({ hostname: "x" })),
      ),
    ).not.toEqual([]);
  });

  test("a missing host is refused", async () => {
    const rest = without(bench.connection(), "host");
    expect(await bench.provider.refusals(TYPE, bench.args({ create: "true" }, rest))).not.toEqual([]);
  });
});
