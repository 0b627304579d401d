import { renderedFiles } from "../../tools/render";
import { documentOf, filesOf } from "./support/compare";
import { deployment, stepOf, type Deployment } from "./support/deployment";
import { aws, labStack } from "./support/stacks";

// The one line of the table.
jest.mock("../../services/table", () => {
  const { SERVICES } = jest.requireActual<typeof import("../../services/table")>("../../services/table");
  const { echo } = jest.requireActual<typeof import("./support/echo/echo")>("./support/echo/echo");
  return { SERVICES: [...SERVICES, echo] };
});

describe("a daemon that is one module, one template and one line", () => {
  let run: Deployment;
  const sent = (step: string) => JSON.stringify(documentOf(stepOf(run, step)));

  beforeAll(async () => {
    run = await deployment(labStack(["fra-1"], { monitoring: { networks: ["198.51.100.0/24"] } }));
  }, 120_000);

  test("comes to the core in a step of its own, and to no bridge", () => {
    const step = stepOf(run, "core-files-echo");
    expect(filesOf(step)["/etc/echo.conf"]?.content).toBe('listen = 7007\ndomain = "meet.example.org"\n');
    expect(documentOf(step)["run"]).toEqual(["echo.service"]);
    expect(run.resources.map(({ name }) => name)).not.toContain("fra-1-files-echo");
  });

  test("is installed, kept from changes by night, and looked for before anything is touched", () => {
    expect(sent("core-packages")).toContain('"echo-server":"1.2-*"');
    expect(sent("fra-1-packages")).not.toContain("echo-server");
    expect(sent("core-files-host")).toContain("echo-server");
    expect(sent("core-preflight")).toContain('"name":"echo","protocol":"tcp","port":7007');
  });

  test("has its secret, its port in the firewall and its limits of the kernel", () => {
    expect(filesOf(stepOf(run, "core-secrets"))["/etc/audio-meet/secrets/echo"]?.mode).toBe("0600");
    expect(filesOf(stepOf(run, "fra-1-secrets"))).not.toHaveProperty(["/etc/audio-meet/secrets/echo"]);
    expect(sent("core-files-host")).toContain("7007");
    expect(sent("fra-1-files-host")).not.toContain("7007");
    expect(sent("core-files-host")).toContain("net.core.somaxconn = 9999");
  });

  test("is verified and measured", () => {
    expect(documentOf(stepOf(run, "core-verification-run"))["checks"]).toEqual(
      expect.arrayContaining([
        { kind: "unit", name: "echo.service" },
        { kind: "listening", protocol: "tcp", port: 7007, addresses: ["*"] },
      ]),
    );
    expect(sent("core-files-metrics")).toContain("echo");
  });

  test("says what it trusts, asks for, needs and costs whoever is in a conference", () => {
    expect(filesOf(stepOf(run, "core-secrets"))).toHaveProperty(["/etc/echo.pem"]);
    expect(filesOf(stepOf(run, "fra-1-secrets"))).not.toHaveProperty(["/etc/echo.pem"]);
    expect(sent("core-preflight")).toContain("https://echo.example.org/words");
    expect(sent("core-preflight")).toContain('"memoryMegabytes":900');
    expect(sent("core-files-echo")).toContain("everybody hears no echo for a second");
  });

  test("is rendered with the others", () => {
    expect(renderedFiles(run.plan, "core")["/etc/echo.conf"]).toContain("7007");
    expect(renderedFiles(run.plan, "core")["/etc/audio-meet/secrets/echo"]).toBe("<secret: turn>");
  });
});

test("at Amazon its port is in the security group of its role", async () => {
  const run = await deployment({
    ...labStack([]),
    regions: [aws("eu", "eu-central-1", { core: {}, videobridges: [{ id: "fra-1" }] })],
  });
  const rules = run.resources.filter(({ type }) => type.endsWith(":SecurityGroupIngressRule"));
  const echo = rules.filter(({ inputs }) => inputs["fromPort"] === 7007);
  expect(echo.map(({ name }) => name)).toEqual([expect.stringContaining("core-echo-world")]);
}, 120_000);
