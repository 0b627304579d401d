import { createServer, type AddressInfo, type Server } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { madeMachineSilent, tooManyKeys } from "../../services/outputs";
import { answersWithin, knock, waitFor } from "../../components/machines/answering";

let servers: Server[] = [];
let said: jest.SpyInstance<Promise<void>, Parameters<typeof pulumi.log.info>>;

beforeEach(() => {
  said = jest.spyOn(pulumi.log, "info").mockResolvedValue();
});
afterEach(() => {
  said.mockRestore();
  servers.forEach((server) => server.close());
  servers = [];
});

/** Listens; counts who came. */
async function listen(port: number, banner: string): Promise<{ port: number; came: () => number }> {
  let came = 0;
  const server = createServer((socket) => {
    came++;
    socket.on("error", () => undefined);
    socket.end(banner);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, came: () => came };
}

test("a server that answers is asked once and not waited for", async () => {
  const { port, came } = await listen(0, "SSH-2.0-OpenSSH_8.9p1\r\n");
  await waitFor("127.0.0.1", port);
  expect(came()).toBe(1);
  expect(said).not.toHaveBeenCalled();
});

test("a server on its way up is waited for, and the reason is said", async () => {
  const { port } = await listen(0, "");
  servers.forEach((server) => server.close());
  const waited = waitFor("127.0.0.1", port, [0.2, 0.2, 0.2, 0.2, 0.2, 0.2]);
  setTimeout(() => void listen(port, "SSH-2.0-OpenSSH_8.9p1\r\n"), 300);
  await waited;
  expect(said.mock.calls[0]?.[0]).toBe(
    `127.0.0.1:${port} does not answer (ECONNREFUSED): tried again in 0.2 s`,
  );
  expect(said.mock.calls.length).toBeLessThan(5);
});

test("a server that closes each connection is asked as often as there are pauses, then it is the provider's", async () => {
  const { port, came } = await listen(0, "");
  await waitFor("127.0.0.1", port, [0.01, 0.01, 0.01]);
  expect(came()).toBe(3);
});

test("a server that is gone is named, with what to do; one that comes is not", async () => {
  const warned = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const gone = await listen(0, "");
  await knock({ address: "127.0.0.1", port: gone.port, ids: ["fra-1", "rec-1"] }, [0.01, 0.01]);
  expect(warned.mock.calls.map(([text]) => text)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^127\\.0\\.0\\.1:${gone.port} \\(fra-1, rec-1\\) still does not answer\\. .*forget -- --stack \\S+ --host fra-1; .*--host rec-1; then take its entry out of the stack file`,
      ),
    ),
  ]);
  const here = await listen(0, "SSH-2.0-OpenSSH_8.9p1\r\n");
  await knock({ address: "127.0.0.1", port: here.port, ids: ["core"] }, [0.01]);
  expect(warned).toHaveBeenCalledTimes(1);
  warned.mockRestore();
});

test("a machine of ours is listened for until it answers, or its time is over", async () => {
  const { port } = await listen(0, "");
  servers.forEach((server) => server.close());
  expect(await answersWithin(0.2, "127.0.0.1", port, 0.05)).toBe(false);
  const waited = answersWithin(5, "127.0.0.1", port, 0.05);
  const { came } = await listen(port, "SSH-2.0-OpenSSH_9.6p1\r\n");
  expect(await waited).toBe(true);
  expect(came()).toBe(1);
});

describe("of a machine of ours that stays silent is said", () => {
  const silent = { place: "192.0.2.7:22", id: "fra-1", stack: "prod", seconds: 45 };

  test("where to look, and how it is forgotten if it is gone", () => {
    expect(madeMachineSilent({ ...silent, hasAnswered: true })).toMatch(
      /^192\.0\.2\.7:22 \(fra-1\) has not answered for 45 s\. Look at the machine .*adminCidrs.*gone for good: npm run forget -- --stack prod --host fra-1 \(with --gone if .*\); then take its entry out of the stack file, or raise its generation/,
    );
  });

  test("that it may boot, where no step has run on it, and nothing of forgetting what is not there", () => {
    const text = madeMachineSilent({ ...silent, hasAnswered: false });
    expect(text).toMatch(/may still be booting, and is waited for.*gone for good: take its entry out/);
    expect(text).not.toContain("forget");
  });
});

test("an agent with many keys is named with what to do", () => {
  expect(tooManyKeys(8, 6)).toMatch(/has 8 keys .* after 6\. .*ssh-add -D; ssh-add KEY.*jitsi:sshPrivateKey/);
});
