import type { DeploymentPlan } from "../../plan/types";
import { files } from "../../services/files";
import { groupsOf, loginGroupsOf, secretGroup, verificationOf } from "../../services/onHost";
import type { FileGroup } from "../../services/manifest";
import { trustGroup } from "../../services/trust";
import { AUTHORITY_PEM, bridge, bridgeOnCore, planWith, SECRET_VALUES } from "./servicesFixture";

const two = planWith([bridge("fra-1", 3), bridge("fra-2", 4)]);

/** "<host> <path>" → the file as it is sent, for every host. */
function everyFile(plan: DeploymentPlan): Map<string, string> {
  const entries = plan.hosts.flatMap(({ id }) =>
    groupsOf(plan, id).flatMap((group) =>
      Object.entries({ ...group.files, ...group.heaps }).map(([path, spec]): [string, string] => [
        `${id} ${path}`,
        JSON.stringify(spec),
      ]),
    ),
  );
  return new Map(entries);
}

function changedFiles(before: DeploymentPlan, after: DeploymentPlan): string[] {
  const [old, now] = [everyFile(before), everyFile(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key)).sort();
}

function changedGroups(before: DeploymentPlan, after: DeploymentPlan, hostId: string): string[] {
  const old = new Map(groupsOf(before, hostId).map((group) => [group.group, JSON.stringify(group)]));
  return groupsOf(after, hostId)
    .filter((group) => old.get(group.group) !== JSON.stringify(group))
    .map((group) => group.group);
}

test("the same plan gives the same files", () => {
  expect(everyFile(structuredClone(two))).toEqual(everyFile(two));
});

test("a new cap per bridge changes one file on one host and restarts jicofo alone", () => {
  expect(changedFiles(two, { ...two, maxBridgeParticipants: 150 })).toEqual([
    "core /etc/jitsi/jicofo/jicofo.conf",
  ]);
  const jicofo = groupsOf(two, "core").find((group) => group.group === "jicofo");
  expect(jicofo?.files["/etc/jitsi/jicofo/jicofo.conf"]?.units).toEqual({ "jicofo.service": "restart" });
});

test("a third bridge changes on the core only who may reach prosody-jvb, where TURN may go and what is verified", () => {
  const three = planWith([bridge("fra-0", 5), ...two.videobridges]);
  expect(changedGroups(two, three, "core")).toEqual(["host", "turn-peer-fra-0-198.51.100.5"]);
  expect(changedFiles(two, three).filter((key) => !key.startsWith("fra-0 "))).toEqual([
    "core /etc/audio-meet/coturn/peers/fra-0-198.51.100.5",
    "core /etc/audio-meet/nftables/host.nft",
  ]);
  expect(verificationOf(three, "core")).not.toEqual(verificationOf(two, "core"));
  expect(verificationOf(three, "fra-1")).toEqual(verificationOf(two, "fra-1"));
});

test.each([
  ["focusClient", ["prosody", "jicofo"], []],
  ["focusService", ["prosody-jvb", "jicofo"], []],
  ["videobridge", [], ["videobridge"]],
] as const)(
  "a rotation of %s reaches the accounts before the daemons that log in",
  (login, onCore, onBridge) => {
    const rotated = { ...two, secrets: { ...two.secrets, [login]: 2 } };
    expect(changedGroups(two, rotated, "core")).toEqual(onCore);
    expect(changedGroups(two, rotated, "fra-1")).toEqual(onBridge);
    const restarted = groupsOf(rotated, "core")
      .flatMap((group) => Object.entries(group.files))
      .filter(([path, spec]) => everyFile(two).get(`core ${path}`) !== JSON.stringify(spec))
      .flatMap(([, spec]) => Object.keys(spec.units));
    expect(restarted).not.toContain("prosody.service");
    expect(restarted).not.toContain("prosody-jvb.service");
  },
);

test("no secret is in a file that the preview shows, each one is in the secrets", () => {
  const shown = JSON.stringify(two.hosts.map(({ id }) => groupsOf(two, id)));
  const hidden = JSON.stringify(secretGroup(two, "core", SECRET_VALUES));
  for (const value of Object.values(SECRET_VALUES)) {
    expect(shown).not.toContain(value.trim());
    expect(hidden).toContain(value.trim());
  }
});

test("secrets are readable by root alone, what a Prosody reads by Prosody as well", () => {
  const { files } = secretGroup(two, "core", SECRET_VALUES);
  const isRead = (path: string) => path.startsWith("/etc/prosody") || path.endsWith("/turn");
  for (const [path, spec] of Object.entries(files)) {
    expect([path, spec.owner, spec.mode, spec.group]).toEqual(
      isRead(path) ? [path, "root", "0640", "prosody"] : [path, "root", "0600", "root"],
    );
  }
  expect(files["/etc/audio-meet/secrets/focus-client"]?.content).toBe("FocusClientPassword1");
});

describe("a bridge's login", () => {
  const passwordOf = ({ id }: { id: string }) => `Password-of-${id}`;
  const rotated = { ...two, secrets: { ...two.secrets, videobridge: 2 } };

  test("is on its own machine, account and password in one file, and no other bridge's", () => {
    expect(secretGroup(two, "fra-1", {}).files).toEqual({});
    const [login, ...others] = loginGroupsOf(two, "fra-1", passwordOf);
    expect(others).toEqual([]);
    expect(Object.keys(login?.files ?? {})).toEqual(["/etc/audio-meet/secrets/videobridge.env"]);
    expect(login?.files).toMatchObject({
      "/etc/audio-meet/secrets/videobridge.env": {
        content: 'VIDEOBRIDGE_USER="jvb-fra-1-1"\nVIDEOBRIDGE_PASSWORD="Password-of-fra-1"\n',
        mode: "0600",
        owner: "root",
        units: {},
      },
    });
  });

  test("has an account for each bridge on the core, and another one for each number", () => {
    const jids = (plan: typeof two) =>
      loginGroupsOf(plan, "core", passwordOf).flatMap(({ group, accounts = [] }) =>
        accounts.map(({ jid }) => `${group} ${jid}`),
      );
    expect(jids(two)).toEqual([
      "account-fra-1 jvb-fra-1-1@tech.meet.example.org",
      "account-fra-2 jvb-fra-2-1@tech.meet.example.org",
    ]);
    expect(jids(rotated)).toEqual([
      "account-fra-1 jvb-fra-1-2@tech.meet.example.org",
      "account-fra-2 jvb-fra-2-2@tech.meet.example.org",
    ]);
  });

  test("is the same on the core as on the bridge", () => {
    for (const [index, { id }] of rotated.videobridges.entries()) {
      const account = loginGroupsOf(rotated, "core", passwordOf)[index];
      const [bridgeSide] = loginGroupsOf(rotated, id, passwordOf);
      const text = bridgeSide?.files["/etc/audio-meet/secrets/videobridge.env"]?.content ?? "";
      const { jid = "", passwordFile = "" } = account?.accounts?.[0] ?? {};
      expect(text).toContain(`VIDEOBRIDGE_USER="${jid.split("@")[0] ?? "?"}"`);
      expect(text).toContain(`VIDEOBRIDGE_PASSWORD="${account?.files[passwordFile]?.content ?? "?"}"`);
    }
  });

  test("leaves prosody-jvb as it is when it is rotated, and when a bridge comes", () => {
    const jvbOf = (plan: typeof two) => groupsOf(plan, "core").find(({ group }) => group === "prosody-jvb");
    expect(jvbOf(rotated)).toEqual(jvbOf(two));
    expect(jvbOf(planWith([bridge("fra-0", 5), ...two.videobridges]))).toEqual(jvbOf(two));
  });

  test("is waited for by the verification of the core", () => {
    const sessions = verificationOf(rotated, "core").filter(({ kind }) => kind === "prosodySessions");
    expect(sessions).toContainEqual(
      expect.objectContaining({
        jids: [
          "focus@tech.meet.example.org",
          "jvb-fra-1-2@tech.meet.example.org",
          "jvb-fra-2-2@tech.meet.example.org",
        ],
      }),
    );
  });
});

test("accounts and the files of their passwords belong together", () => {
  const groups = [...groupsOf(two, "core"), ...loginGroupsOf(two, "core", () => "x")];
  const secrets = [secretGroup(two, "core", SECRET_VALUES), ...groups];
  const passwordFiles = secrets.flatMap(({ files }) => Object.keys(files));
  const accounts = groups.flatMap((group) => group.accounts ?? []);
  expect(accounts.map(({ jid, config }) => `${jid} ${config}`)).toEqual([
    "focus@auth.meet.example.org /etc/prosody/prosody.cfg.lua",
    "focus@tech.meet.example.org /etc/prosody-jvb/prosody.cfg.lua",
    "jvb-fra-1-1@tech.meet.example.org /etc/prosody-jvb/prosody.cfg.lua",
    "jvb-fra-2-1@tech.meet.example.org /etc/prosody-jvb/prosody.cfg.lua",
  ]);
  for (const { passwordFile } of accounts) expect(passwordFiles).toContain(passwordFile);
});

test("jicofo's roster has the client proxy", () => {
  expect(groupsOf(two, "core").flatMap((group) => group.subscriptions ?? [])).toEqual([
    {
      config: "/etc/prosody/prosody.cfg.lua",
      dataPath: "/var/lib/prosody",
      account: "focus@auth.meet.example.org",
      component: "focus.meet.example.org",
    },
  ]);
});

test("a new authority restarts the Java daemons, a new certificate reloads its Prosody, or nginx and coturn", () => {
  const plan = planWith([bridgeOnCore("main")]);
  const pems = { caPem: AUTHORITY_PEM, mainCertPem: "M", techCertPem: "T", webCertPem: "W" };
  const { files } = trustGroup(plan, "core", pems);
  expect(files["/etc/jitsi/trust/truststore.jks"]?.units).toEqual({
    "jicofo.service": "restart",
    "jitsi-videobridge2.service": "restart",
  });
  expect(files["/etc/prosody/certs/audio-meet/main.crt"]?.units).toEqual({ "prosody.service": "reload" });
  expect(files["/etc/prosody-jvb/certs/tech.crt"]?.units).toEqual({ "prosody-jvb.service": "reload" });
  expect(files["/etc/audio-meet/web/certificate.pem"]?.units).toEqual({
    "nginx.service": "reload",
    "coturn.service": "reload",
  });
});

test("a host without the core gets no certificate of a Prosody", () => {
  const { files } = trustGroup(two, "fra-1", { caPem: AUTHORITY_PEM });
  expect(Object.keys(files).sort()).toEqual(["/etc/jitsi/trust/ca.pem", "/etc/jitsi/trust/truststore.jks"]);
});

test("no two groups of a host own the same file, every unit is named in full", () => {
  const plan = planWith([bridgeOnCore("main")]);
  const pems = { caPem: AUTHORITY_PEM, mainCertPem: "M", techCertPem: "T", webCertPem: "W" };
  const groups: FileGroup[] = [
    secretGroup(plan, "core", SECRET_VALUES),
    trustGroup(plan, "core", pems),
    ...groupsOf(plan, "core"),
  ];
  const paths = groups.flatMap((group) => Object.keys({ ...group.files, ...group.heaps }));
  expect(new Set(paths).size).toBe(paths.length);
  for (const path of paths) expect(path).toMatch(/^\/etc\//);
  const units = groups.flatMap((group) => [
    ...group.run,
    ...Object.values({ ...group.files, ...group.heaps }).flatMap((spec) => Object.keys(spec.units)),
  ]);
  for (const unit of units) expect(unit).toMatch(/^[a-z0-9-]+\.(service|path)$/);
});

test("an unknown host is an error", () => {
  expect(() => groupsOf(two, "nowhere")).toThrow("the plan has no host nowhere");
});

test("a path that is made twice is an error", () => {
  const one = { "/etc/x": { mode: "0644", owner: "root", group: "root", content: "", units: {} } };
  expect(() => files(one, one)).toThrow("/etc/x is made twice");
});
