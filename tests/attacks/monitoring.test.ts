import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as YAML from "yaml";
import { PROMETHEUS } from "../../services/prometheus";
import { content, PLAN } from "../contract/files";
import { isThere } from "../contract/programs";
import { type Answer, makeCertificate, publish, type Publisher } from "../contract/publisher";
import { until } from "../lab/support/until";
import { monitored } from "../unit/servicesFixture";

const needs = ["prometheus", "openssl"].filter((need) => !isThere(need));
const withPrometheus = needs.length === 0 ? describe : describe.skip;
const missing = needs.length === 0 ? "" : ` (skipped: needs ${needs.join(", ")})`;

const HERE = "127.0.0.1";
const DOOR = "/proxy?module=node";
/** What the process holds beyond what it held with an honest host, at most. */
const MOST_MEGABYTES = 150;

const text =
  (body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4", ...headers });
    response.end(body);
  };
const series = (count: number, label = "") =>
  Array.from({ length: count }, (_, index) => `flood{n="${index}"${label}} 1\n`).join("");

interface ScrapeConfig {
  scheme?: string;
  params?: { module: string[] };
  tls_config?: object;
  static_configs: object[];
}

/** The rendered configuration with two hosts of the test, asked every second; `change` is done to how they are asked. */
function configuration(
  folder: string,
  doors: Record<string, string>,
  certificate: string,
  change: object,
): string {
  const rendered = YAML.parse(content(PROMETHEUS.config, "monitoring", monitored(PLAN))) as {
    scrape_configs: ScrapeConfig[];
  };
  const job = rendered.scrape_configs.find(({ params }) => params?.module[0] === "node");
  if (job === undefined) throw new Error("no host is asked for what its node exporter says");
  const hosts = Object.entries(doors).map(([instance, url]) => ({
    targets: [new URL(url).host],
    labels: { instance },
  }));
  const own = {
    ...job,
    tls_config: { ca_file: certificate, server_name: HERE },
    static_configs: hosts,
    ...change,
  };
  const file = join(folder, "prometheus.yml");
  writeFileSync(
    file,
    YAML.stringify({ global: { scrape_interval: "1s", scrape_timeout: "1s" }, scrape_configs: [own] }),
  );
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, HERE, done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

withPrometheus(`a host that somebody took over, and Prometheus${missing}`, () => {
  let folder: string;
  let honest: Publisher;
  let taken: Publisher;
  let process: ChildProcess;
  let url: string;

  async function start(change: object = {}): Promise<void> {
    folder = mkdtempSync(join(tmpdir(), "prometheus-"));
    const certificate = makeCertificate(folder, "door");
    [honest, taken] = await Promise.all([publish(certificate), publish(certificate)]);
    for (const { documents } of [honest, taken]) documents[DOOR] = text("node_load1 0.5\n");
    const file = configuration(folder, { core: honest.url, "fra-1": taken.url }, certificate, change);
    const port = await freePort();
    url = `http://${HERE}:${port}`;
    const options = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${HERE}:${port}`,
    ];
    process = spawn("prometheus", options, { stdio: "ignore" });
    await until("the bridge is scraped", 30, async () => (await value('up{instance="fra-1"}')) === 1);
  }

  afterEach(async () => {
    const ended = new Promise((done) => process.once("exit", done));
    process.kill("SIGKILL");
    await ended;
    honest.close();
    taken.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The only value of an expression; undefined where there is none, or nobody answers yet. */
  async function value(expression: string): Promise<number | undefined> {
    const asked = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`).catch(
      () => undefined,
    );
    const { data } = ((await asked?.json().catch(() => ({}))) ?? {}) as {
      data?: { result: { value: [number, string] }[] };
    };
    const one = data?.result[0];
    return one && Number(one.value[1]);
  }

  const megabytes = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid ?? 0}/status`, "utf8"))?.[1]) / 1024;

  const refused = async () => (await value('up{instance="fra-1"}')) === 0;
  const stored = async () => (await value('count({instance="fra-1", __name__="flood"})')) ?? 0;

  test.each<[string, Answer]>([
    ["100 MB at once", text(series(100) + "# ".padEnd(100 << 20, "x"))],
    [
      "100 MB in 100 kB, packed",
      text(gzipSync(`# ${"x".repeat(100 << 20)}\n`), { "content-encoding": "gzip" }),
    ],
    ["100,000 series", text(series(100_000))],
    ["a label of 100 kB", text(series(10, `, long="${"x".repeat(100_000)}"`))],
    ["a hundred labels", text(series(10, Array.from({ length: 100 }, (_, n) => `, l${n}="1"`).join("")))],
  ])(
    "%s: nothing of it is kept, the host counts as not answering, the others are read on",
    async (_, answer) => {
      await start();
      const before = megabytes();
      taken.documents[DOOR] = answer;
      await until("it is refused", 30, refused);
      expect(await stored()).toBe(0);
      expect(await value('up{instance="core"}')).toBe(1);
      expect(megabytes() - before).toBeLessThan(MOST_MEGABYTES);
    },
    90_000,
  );

  test("without the bounds all of it is kept", async () => {
    const unbounded = { sample_limit: 0, label_limit: 0, label_value_length_limit: 0, body_size_limit: 0 };
    await start(unbounded);
    const before = megabytes();
    taken.documents[DOOR] = text(series(100_000, `, long="${"x".repeat(100)}"`));
    await until("what is allowed is stored", 30, async () => (await stored()) === 100_000);
    expect(megabytes() - before).toBeGreaterThan(MOST_MEGABYTES);
  }, 90_000);

  test("it sends Prometheus nowhere else, as a request to what listens on Prometheus' own machine would be", async () => {
    await start();
    const asked = () => honest.asked.filter((path) => path === "/inside").length;
    taken.documents[DOOR] = ((response) => {
      response.writeHead(302, { location: `${honest.url}/inside` });
      response.end();
    }) satisfies Answer;
    await until("it is refused", 30, refused);
    expect(asked()).toBe(0);
  }, 90_000);

  test("it cannot speak for another host", async () => {
    await start();
    taken.documents[DOOR] = text('node_load1{instance="core", job="node", region="eu"} 99\n');
    await until("the value arrives", 30, async () => (await value('node_load1{instance="fra-1"}')) === 99);
    expect(await value('max(node_load1{instance="core"})')).toBe(0.5);
  }, 90_000);
});
