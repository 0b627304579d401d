import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { XmppClient } from "../../lab/xmpp/client";
import type { Forward } from "../../lab/xmpp/forward";
import { ask, enter } from "../../lab/xmpp/room";
import type { Occupant } from "./support/conference";
import { oneMachine } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { until } from "./support/until";
import { admitDaemons, forwardTo } from "./support/xmpp";

const DOMAIN = "restarts.audio-meet.test";
const ROOM = `hall@conference.${DOMAIN}`;

const stack = new LabStack("restarts", oneMachine(DOMAIN));
const forwards: Forward[] = [];
const clients: XmppClient[] = [];

async function secret(name: string): Promise<string> {
  return (await stack.on("core", `cat /etc/audio-meet/secrets/${name}`)).trim();
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  // Its place is ours in these tests.
  await stack.on("core", "systemctl stop jicofo");
});

afterAll(async () => {
  await Promise.allSettled(clients.map((one) => one.stop()));
  for (const forward of forwards) forward.close();
  await stack.close();
});

/** What happens to jicofo's stream at prosody-jvb. */
interface Happening {
  event: "joined" | "lost" | "resumed" | "begun" | "presence";
  of?: string;
  type?: string;
}

class Stream {
  readonly happened: Happening[] = [];
  private said = "";
  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    child.stderr.on("data", (data: Buffer) => (this.said += data.toString()));
    let rest = "";
    child.stdout.on("data", (data: Buffer) => {
      const lines = (rest + data.toString()).split("\n");
      rest = lines.pop() ?? "";
      this.happened.push(...lines.map((line) => JSON.parse(line) as Happening));
    });
  }

  static async open(): Promise<Stream> {
    const forward = await forwardTo(stack, "core", 15222);
    forwards.push(forward);
    const caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, await stack.on("core", "cat /etc/jitsi/trust/ca.pem"));
    const child = spawn(process.execPath, [join(__dirname, "support", "stream.mjs")], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
    });
    child.stdin.end(
      JSON.stringify({
        port: forward.port,
        domain: `tech.${DOMAIN}`,
        room: `jvbbrewery@muc.tech.${DOMAIN}`,
        username: "focus",
        password: await secret("focus-service"),
      }),
    );
    return new Stream(child);
  }

  /** The first such event after position `from`; its position. */
  async wait(wanted: Partial<Happening>, from = 0, limitSeconds = 60): Promise<number> {
    const keys = Object.keys(wanted) as (keyof Happening)[];
    const until = Date.now() + limitSeconds * 1000;
    while (Date.now() < until) {
      const found = this.happened.findIndex(
        (one, at) => at >= from && keys.every((key) => one[key] === wanted[key]),
      );
      if (found >= 0) return found;
      await pause(100);
    }
    const { exitCode } = this.child;
    const end = exitCode === null ? "" : `; the client ended with ${exitCode}`;
    throw new Error(
      `not ${JSON.stringify(wanted)} but ${JSON.stringify(this.happened.slice(from))}${end}: ${this.said.slice(-500)}`,
    );
  }

  close(): void {
    this.child.kill();
  }
}

describe("jicofo's stream outlives prosody-jvb", () => {
  let stream: Stream;
  beforeAll(async () => {
    stream = await Stream.open();
    await stream.wait({ event: "joined" });
    await stream.wait({ event: "presence", of: "main", type: "available" });
  });
  afterAll(() => {
    stream.close();
  });

  test.each([
    ["a restart", "systemctl restart prosody-jvb"],
    ["a kill", "systemctl kill -s KILL prosody-jvb"],
  ])("%s: it is resumed, and jicofo hears of the bridges again", async (_, order) => {
    const before = stream.happened.length;
    await stack.on("core", order);
    await stream.wait({ event: "resumed" }, before);
    await stream.wait({ event: "presence", of: "main", type: "available" }, before);
    const since = stream.happened.slice(before);
    expect(since.filter(({ event }) => event === "begun")).toEqual([]);
    // Nobody tells it that a bridge has left.
    expect(since.filter(({ type }) => type === "unavailable")).toEqual([]);
  });

  test("a bridge that does not come back has left", async () => {
    const before = stream.happened.length;
    await stack.on("core", "systemctl kill -s KILL prosody-jvb; systemctl stop jitsi-videobridge2");
    await stream.wait({ event: "resumed" }, before);
    await stream.wait({ event: "presence", of: "main", type: "unavailable" }, before);
    await stack.on("core", "systemctl start jitsi-videobridge2");
    await stream.wait({ event: "presence", of: "main", type: "available" }, before + 1);
  });

  test("a bridge is offered no stream management: it leaves the brewery as soon as it is gone", async () => {
    const before = stream.happened.length;
    await stack.on("core", "systemctl kill -s KILL jitsi-videobridge2");
    await stream.wait({ event: "presence", of: "main", type: "unavailable" }, before, 3);
  });
});

describe("rooms wait for jicofo", () => {
  let focus: XmppClient;
  let visitor: Occupant;
  let websocket: string;

  async function logIn(): Promise<XmppClient> {
    const client = await XmppClient.login(websocket, {
      domain: `auth.${DOMAIN}`,
      username: "focus",
      password: await secret("focus-client"),
      resource: "focus",
    });
    clients.push(client);
    // The library counts wrong if stanzas come before the server has said that it counts as well.
    await pause(1000);
    await client.send("<presence xmlns='jabber:client'/>");
    return client;
  }

  beforeAll(async () => {
    const forward = await forwardTo(stack, "core", 5280);
    forwards.push(forward);
    websocket = `ws://127.0.0.1:${forward.port}/xmpp-websocket`;
    await admitDaemons(stack, DOMAIN);
    focus = await logIn();
    await enter(focus, ROOM, "focus");
    const client = await XmppClient.login(`${websocket}?room=hall`, { domain: DOMAIN });
    clients.push(client);
    await enter(client, ROOM, "anna");
    visitor = { client, nickname: "anna" };
  });

  test("nobody hears that it is gone, and it is asked back into the room", async () => {
    const from = visitor.client.received.length;
    await focus.stop();
    await pause(2000);
    focus = await logIn();
    // No statistics of jicofo speak of a bridge here: it is asked all the same, 10 s after its login.
    await pause(8000);
    const request = await focus.wait("a request", (one) => one.toString().includes(`room="${ROOM}"`));
    expect(request.is("iq")).toBe(true);
    await enter(focus, ROOM, "focus");
    await visitor.client.wait("jicofo's presence", (one) => one.attrs["from"] === `${ROOM}/focus`, from);
    const types = visitor.client.received
      .slice(from)
      .filter((one) => one.is("presence") && one.attrs["from"] === `${ROOM}/focus`)
      .map((one) => one.attrs["type"] as string | undefined);
    expect(types).toEqual(types.map(() => undefined));
  });

  test("when it leaves by its own word, everybody hears it at once", async () => {
    const from = visitor.client.received.length;
    await focus.send(`<presence xmlns='jabber:client' type='unavailable' to='${ROOM}/focus'/>`);
    await visitor.client.wait(
      "jicofo's leave",
      (one) => one.attrs["from"] === `${ROOM}/focus` && one.attrs["type"] === "unavailable",
      from,
    );
  });
});

describe("a restart that would throw people out waits until nobody is there", () => {
  const contact = "somebody.else@example.org";
  const started = () => stack.on("core", "systemctl show --value -p ExecMainStartTimestampMonotonic prosody");
  let anna: XmppClient;
  let before: string;

  /** How many people jicofo counts. */
  async function people(): Promise<number> {
    const told = await stack.on("core", "audio-meet people");
    return (JSON.parse(told) as { participants: number }).participants;
  }

  beforeAll(async () => {
    await Promise.allSettled(clients.map((one) => one.stop()));
    // Whatever the tests before have killed, or unloaded.
    await stack.on(
      "core",
      "systemctl reset-failed; systemctl restart prosody; systemctl start jicofo jitsi-videobridge2",
    );
    stack.config = { ...stack.config, "jitsi:restarts": "whenEmpty" };
    await stack.mustUp();
    const forward = await forwardTo(stack, "core", 5280);
    forwards.push(forward);
    const service = `ws://127.0.0.1:${forward.port}/xmpp-websocket?room=lobby`;
    anna = await XmppClient.login(service, { domain: DOMAIN });
    clients.push(anna);
    const room = `lobby@conference.${DOMAIN}`;
    const question = `<conference xmlns='http://jitsi.org/protocol/focus' room='${room}'/>`;
    await ask(anna, `focus.${DOMAIN}`, question, "set");
    await enter(anna, room, "anna");
    await until("jicofo counts anna", 20, async () => (await people()) === 1);
    before = await started();
  });

  test("up is green, says what is owed and until when, and she stays", async () => {
    stack.config = { ...stack.config, "jitsi:contact": contact };
    const { output } = await stack.mustUp();
    expect(output).toContain(
      "owed: restart of prosody (everybody in 1 conference, 1 person, has to join again), until nobody is in a conference",
    );
    expect(await started()).toBe(before);
    const answer = await ask(anna, DOMAIN, "<ping xmlns='urn:xmpp:ping'/>");
    expect([anna.isOnline, answer.attrs["type"]]).toEqual([true, "result"]);
    expect(await stack.on("core", "grep -c mailto: /etc/prosody/prosody.cfg.lua")).not.toBe("0\n");
    expect(await stack.on("core", "cat /etc/prosody/prosody.cfg.lua")).not.toContain(contact);
    const { health } = await stack.outputs<{
      health: Record<string, { healthy: boolean; owed?: string[] }>;
    }>();
    expect(health["core"]).toMatchObject({
      healthy: true,
      owed: [expect.stringMatching(/^prosody restarts for .*: waits until nobody is in a conference/)],
    });
    const { stdout } = await stack.tool("owed");
    expect(stdout).toContain("core: prosody.service waits until nobody is in a conference, since ");
  });

  test("a second up changes nothing", async () => {
    expect((await stack.mustUp()).steps).toEqual([]);
    expect(await started()).toBe(before);
  });

  test("when she has gone it is done within two minutes, and another up changes nothing", async () => {
    await anna.stop();
    const isPaid = async () => (await stack.on("core", "audio-meet owed")) === "nothing is owed\n";
    expect(await until("what is owed is paid", 120, isPaid)).toBeLessThan(120);
    expect(await started()).not.toBe(before);
    expect(await stack.on("core", "cat /etc/prosody/prosody.cfg.lua")).toContain(contact);
    expect(JSON.parse(await stack.on("core", "audio-meet health"))).toMatchObject({ healthy: true });
    expect((await stack.mustUp()).steps).toEqual([]);
  });
});

test("destroy takes everything away", async () => {
  expect((await stack.destroy()).code).toBe(0);
});
