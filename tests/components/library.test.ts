import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { resourcesOf } from "./support/program";
import { AudioMeet, JibriNode, JitsiCore, ProsodyPair, VideobridgeNode } from "../../components";
import type { AudioMeetArgs } from "../../components";
import { labMakers } from "../../lab/machine";
import { goodConfig, hostKey } from "../unit/configFixtures";
import { existingStack, labStack, oneMachineStack } from "./support/stacks";
import { textOf, type Registration } from "./support/registration";

const args = (config: object) => config as AudioMeetArgs;
const named = (resources: Registration[], type: string) =>
  resources.filter((resource) => resource.type.endsWith(`:${type}`)).map(({ name }) => name);

/** What the program ends with. */
function refusalOf(program: () => void): string {
  try {
    program();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was refused");
}

describe("the arguments of AudioMeet", () => {
  test("are refused with every mistake at once, in the words of arguments", () => {
    const config = { ...goodConfig(), contact: "nobody", tokenSecret: "short", maxBridgeParticipants: 0 };
    const text = refusalOf(() => new AudioMeet("meet", args(config)));
    const keys = text.split("\n\n").map((error) => error.split(" ")[0]);
    expect(keys.sort()).toEqual(["contact", "maxBridgeParticipants", "tokenSecret", "tokenSecret"]);
    expect(text).not.toMatch(/jitsi:|short/);
  });

  test("say how a missing secret is passed", () => {
    const certificate = { issuer: "provided", chain: "" };
    const text = refusalOf(() => new AudioMeet("meet", args({ ...goodConfig(), certificate })));
    expect(text).toContain('and pass it: certificateKey: config.requireSecret("certificateKey")');
  });

  test("name no machines that nobody makes: beside EC2 and servers that exist, the program hands in a maker", () => {
    const text = refusalOf(() => new AudioMeet("meet", args({ ...labStack(["fra-1"]), contact: "nobody" })));
    const keys = text.split("\n\n").map((error) => error.split(" ")[0]);
    expect(keys).toEqual(["contact", "regions[0].machines.provider"]);
    expect(text).toContain("hands in nobody who makes such machines");
  });

  test("may be undefined where they are optional", async () => {
    const config = { ...oneMachineStack(), audience: undefined, web: { title: undefined, language: "de" } };
    const resources = await resourcesOf(() => new AudioMeet("meet", args(config), {}, labMakers));
    expect(named(resources, "AudioMeet")).toEqual(["meet"]);
  });
});

describe("a secret that is an Output", () => {
  const config = {
    ...existingStack(),
    access: { kind: "token", appId: "hall" },
  };
  const withSecret = (tokenSecret: pulumi.Input<string>) => args({ ...config, tokenSecret });

  test("is judged when it is known, before any host is logged in to", async () => {
    let give: (secret: string) => void = () => undefined;
    const secret = new Promise<string>((resolve) => (give = resolve));
    const registered: string[] = [];
    const resources = await resourcesOf(() => {
      new AudioMeet("meet", withSecret(secret));
      setTimeout(() => {
        const { mock } = Reflect.get<MockMonitor, string>(
          MockMonitor.prototype,
          "registerResource",
        ) as jest.Mock;
        const requests = mock.calls as [RegisterResourceRequest][];
        registered.push(...requests.map(([request]) => request.getName()));
        give("0123456789abcdefghijklmnopqrstuvwxyz");
      }, 500);
    });
    expect(registered).toContain("meet-core-authority-key");
    expect(registered.filter((name) => name.endsWith("-bootstrap"))).toEqual([]);
    const step = resources.find(({ name }) => name === "meet-core-secrets");
    expect(textOf(step?.inputs ?? {}, "stdin")).toContain("0123456789abcdefghijklmnopqrstuvwxyz");
  });
});

describe("two deployments in one program", () => {
  test("share no name, and every child begins with the name of its parent", async () => {
    const night = { ...labStack(["fra-1"]), domain: "night.example.org" };
    const resources = await resourcesOf(() => {
      new AudioMeet("day", args(labStack(["fra-1"])), {}, labMakers);
      new AudioMeet("night", args(night), {}, labMakers);
    });
    expect(named(resources, "AudioMeet")).toEqual(["day", "night"]);
    const labels = resources.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
    const strangers = resources.filter(({ name, parent }) => {
      const owner = parent?.split(" ")[1];
      return owner !== undefined && !name.startsWith(owner);
    });
    expect(strangers.map(({ label }) => label)).toEqual([]);
    const [day, other] = ["day", "night"].map((one) => resources.filter(({ name }) => name.startsWith(one)));
    expect(day?.length).toBe(other?.length);
    // Nothing of one waits for the other.
    const crossing = (day ?? []).flatMap(({ dependsOn }) =>
      dependsOn.filter((label) => / night/.test(label)),
    );
    expect(crossing).toEqual([]);
  });
});

describe("the components by themselves", () => {
  const config = {
    ...(goodConfig() as { regions: Record<string, unknown>[] }),
    certificate: { issuer: "internal" },
    recording: { storage: { bucket: "meet-recordings", endpoint: "https://s3.example.org" } },
    recordingAccessKey: "AKEXAMPLE",
    recordingSecretKey: "SecretOfTheStorage",
  };

  test("a core hands its plan, its authority and its credentials to bridges and recorders of any name", async () => {
    const [eu, us] = config.regions;
    const recorders = [{ id: "rec-1", address: "198.51.100.9", hostKey: hostKey(9) }];
    let core: JitsiCore | undefined;
    const resources = await resourcesOf(() => {
      core = new JitsiCore("hall", args({ ...config, regions: [eu, { ...us, recorders }] }));
      new VideobridgeNode("left", { core, id: "fra-1" });
      new VideobridgeNode("iad-1", { core });
      new JibriNode("tape", { core, id: "rec-1" });
    });
    expect(named(resources, "JitsiCore")).toEqual(["hall"]);
    expect(named(resources, "VideobridgeNode")).toEqual(["left", "iad-1"]);
    expect(named(resources, "CertificateAuthority")).toEqual(["hall-authority"]);
    const verification = resources.find(({ name }) => name === "hall-verification-run");
    expect(textOf(verification?.inputs ?? {}, "stdin")).toContain('"bridges":["fra-1","iad-1"]');
    const at = (step: string) => resources.findIndex(({ name }) => name === step);
    const gate = ["hall", "left", "iad-1", "tape"].map((name) => at(`${name}-preflight`));
    expect(Math.min(...gate)).toBeGreaterThan(-1);
    expect(at("left-packages")).toBeGreaterThan(Math.max(...gate));
  });

  test("a bridge may have a machine that the program brings", async () => {
    const machine = {
      ssh: { address: pulumi.output("203.0.113.77"), user: "admin", port: 2222, hostKey: hostKey(7) },
      sshCommand: "ssh admin@203.0.113.77",
    };
    const resources = await resourcesOf(() => {
      const core = new JitsiCore("hall", args(existingStack()));
      new VideobridgeNode("left", { core, id: "fra-1", machine });
    });
    const step = resources.find(({ name }) => name === "left-bootstrap");
    expect(JSON.stringify(step?.inputs["connection"])).toContain("203.0.113.77");
  });

  test("a core may have a machine that the program brings", async () => {
    const machine = {
      ssh: { address: pulumi.output("203.0.113.78"), user: "admin", port: 2222, hostKey: hostKey(7) },
      sshCommand: "ssh admin@203.0.113.78",
    };
    const resources = await resourcesOf(() => {
      const core = new JitsiCore("hall", { ...args(existingStack()), machine });
      new VideobridgeNode("left", { core, id: "fra-1" });
    });
    const step = resources.find(({ name }) => name === "hall-bootstrap");
    expect(JSON.stringify(step?.inputs["connection"])).toContain("203.0.113.78");
  });

  test("a bridge that the description has not is refused by name", () => {
    expect(
      refusalOf(() => {
        const core = new JitsiCore("hall", args({ ...config, regions: [] }));
        new VideobridgeNode("left", { core });
      }),
    ).toMatch(/^regions /);
  });

  test("both Prosodys stand alone: certificates, accounts, files and endpoints are theirs", async () => {
    let endpoints: unknown;
    const resources = await resourcesOf(() => {
      const pair = new ProsodyPair("xmpp", { ...args(oneMachineStack()), makers: labMakers });
      pair.endpoints.apply((value) => (endpoints = value));
    });
    expect(endpoints).toMatchObject({ websocket: "wss://meet.example.org/xmpp-websocket" });
    const files = named(resources, "Command").filter((name) => name.includes("-files-prosody"));
    expect(files).toEqual(["xmpp-files-prosody", "xmpp-files-prosody-jvb"]);
    expect(named(resources, "LocallySignedCert")).toEqual(
      expect.arrayContaining(["xmpp-main-certificate", "xmpp-tech-certificate"]),
    );
  });
});
