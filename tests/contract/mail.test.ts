import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { PROMETHEUS } from "../../services/prometheus";
import { secretGroup } from "../../services/onHost";
import { until } from "../lab/support/until";
import { bridgeOnCore, monitored, planWith, SECRET_VALUES, withMailLogin } from "../unit/servicesFixture";
import { isThere, run } from "./programs";

/** Characters at which a format of a file could stumble. */
const PASSWORD = `correct "horse': #{battery} \\ staple`;
const USER = "alerts@example.org";
const SECONDS = 1000;

const CACHE = process.env["AUDIO_MEET_CACHE"] ?? join(homedir(), ".cache", "audio-meet");
/** The package as tests/run.sh unpacks it; it finds its templates below /usr/share. */
const TREE = process.env["ALERTMANAGER_TREE"] ?? join(CACHE, "tools/alertmanager");
const PROGRAM = `${TREE}/usr/bin/prometheus-alertmanager`;
const ENTER = 'mount --bind "$0/usr/share" /usr/share && exec "$@"';

let folder: string;
let mails: { user: unknown; isSecure: boolean; text: string }[];
let tries: string[];
let server: SMTPServer;
let alertmanager: ChildProcess | undefined;

/** A mail server for submission: STARTTLS first, then a login, then mail. */
function submission(): SMTPServer {
  return new SMTPServer({
    key: readFileSync(join(folder, "key.pem")),
    cert: readFileSync(join(folder, "cert.pem")),
    onAuth: ({ username = "", password = "" }, _, done) => {
      tries.push(`${username} ${password}`);
      if (username === USER && password === PASSWORD) done(null, { user: username });
      else done(new Error("bad credentials"));
    },
    onData: (stream, { user, secure }, done) => {
      let text = "";
      stream.on("data", (part: Buffer) => (text += part.toString()));
      stream.on("end", () => {
        mails.push({ user, isSecure: secure, text });
        done();
      });
    },
  });
}

/** Alertmanager's configuration as it comes to its host, with that password, for the mail server of this test. */
function configuration(password: string, port = 587): string {
  const plan = withMailLogin(monitored(planWith([bridgeOnCore("main")])), USER, `localhost:${port}`);
  const values = { ...SECRET_VALUES, metricsKeyPem: "KEY", mailPassword: password };
  const file = secretGroup(plan, "monitoring", values).files[PROMETHEUS.alertmanagerWithLogin];
  if (file === undefined) throw new Error("the password is in no file");
  return file.content;
}

async function listening(one: Server): Promise<number> {
  await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
  return (one.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const one = createServer();
  const port = await listening(one);
  await new Promise((resolve) => one.close(resolve));
  return port;
}

/** Starts Alertmanager with that password, tells it of an alert, and returns where it answers. */
async function alerted(password: string): Promise<string> {
  server = submission();
  const port = await listening(server.server);
  writeFileSync(join(folder, "alertmanager.yml"), configuration(password, port));
  const url = `http://127.0.0.1:${await freePort()}`;
  const options = [
    `--config.file=${join(folder, "alertmanager.yml")}`,
    `--storage.path=${join(folder, "data")}`,
    `--web.listen-address=${url.replace("http://", "")}`,
    "--cluster.listen-address=",
  ];
  alertmanager = spawn("unshare", ["--mount", "sh", "-c", ENTER, TREE, PROGRAM, ...options], {
    env: { ...process.env, SSL_CERT_FILE: join(folder, "cert.pem") },
    stdio: "ignore",
  });
  await until("Alertmanager is ready", 40, async () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const labels = { alertname: "BridgeMissing", instance: "core" };
  await fetch(`${url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ labels }]),
  });
  return url;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mail-"));
  [mails, tries] = [[], []];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  run("openssl", ["req", "-x509", "-days", "9", ...key, ...name, ...files]);
});

afterEach(async () => {
  alertmanager?.kill("SIGKILL");
  await new Promise<void>((resolve) => {
    server.close(resolve);
  });
  rmSync(folder, { recursive: true, force: true });
});

const NEEDS = ["root", PROGRAM, "amtool", "openssl"];
const missing = NEEDS.filter((need) => !isThere(need));
const withPrograms = missing.length === 0 ? test : test.skip;
const because = missing.length === 0 ? "" : ` (skipped: needs ${missing.join(", ")})`;

withPrograms(
  `Alertmanager logs in at the mail server, after STARTTLS, and delivers an alert${because}`,
  async () => {
    await alerted(PASSWORD);
    expect(run("amtool", ["check-config", join(folder, "alertmanager.yml")])).toMatchObject({ code: 0 });
    await until("a mail arrives", 40, () => mails.length > 0);
    expect(mails[0]).toMatchObject({ user: USER, isSecure: true });
    expect(mails[0]?.text).toMatch(/^To: ops@example\.org/m);
    expect(mails[0]?.text).toContain("BridgeMissing");
    expect(tries).toEqual([`${USER} ${PASSWORD}`]);
  },
  60 * SECONDS,
);

withPrograms(
  `a wrong password is a figure of Alertmanager's, and its page shows none${because}`,
  async () => {
    const url = await alerted("another");
    const failed = /^alertmanager_notification_requests_failed_total\{integration="email".*\} [1-9]/m;
    await until("the failure is counted", 40, async () =>
      failed.test(await (await fetch(`${url}/metrics`)).text()),
    );
    expect(mails).toEqual([]);
    expect(tries[0]).toBe(`${USER} another`);
    const shown = await (await fetch(`${url}/api/v2/status`)).text();
    expect(shown).toContain("auth_username");
    expect(shown).not.toContain("another");
  },
  60 * SECONDS,
);
