import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readNginx } from "../../config/extra/nginx";
import { settingsOf } from "../../config/extra/page";
import type { DeploymentPlan } from "../../plan/types";
import { groupsOf } from "../../services/onHost";
import { stageNginx, type Texts } from "./checkers";
import { useDaemons } from "./daemons";
import { PLAN } from "./files";
import { inFolder, run, testWith } from "./programs";

const NEEDS = [...useDaemons("nginx", "openssl"), "root", "unshare", "ip", "curl"];
/** The lab's stand-in for the page; it includes what the real one does. */
const PAGE = join(__dirname, "../../lab/packages/debian/jitsi-meet-web/root/usr/share/jitsi-meet");
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>\n';
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff, 0x00]);

/** Everything by which nginx serves the page, in one folder. */
function stage(folder: string, plan: DeploymentPlan): string {
  const site = join(folder, "page");
  cpSync(PAGE, site, { recursive: true });
  const groups = groupsOf(plan, "core").filter(({ group }) => ["meet", "nginx"].includes(group));
  const placed = groups
    .flatMap(({ files }) => Object.entries(files))
    .filter(([path]) => !path.startsWith("/etc/systemd/"))
    .map(([path, spec]) => [path.replace("/etc/jitsi/meet/", "/etc/nginx/meet/"), spec] as const);
  const texts = placed.map(([path, { content }]) => [
    path,
    content.replaceAll("/etc/jitsi/meet/", "/etc/nginx/meet/").replaceAll("/usr/share/jitsi-meet", site),
  ]);
  const main = stageNginx(folder, Object.fromEntries(texts) as Texts);
  for (const [path, { content, encoding }] of placed)
    if (encoding !== undefined) writeFileSync(join(folder, path), Buffer.from(content, encoding));
  return main;
}

interface Answer {
  status: string;
  /** By name in lower case; a name that comes twice has both. */
  headers: Record<string, string[]>;
  body: string;
}

/** What a browser gets for each path. */
function served(plan: DeploymentPlan, ...paths: string[]): Answer[] {
  return inFolder((folder) => {
    run("chmod", ["755", folder]);
    const script = `ip link set lo up; nginx -c "$0"; for path in "$@"; do
      curl -sik --max-time 10 --http1.1 --resolve meet.example.org:443:127.0.0.1 "https://meet.example.org$path" | od -An -v -tx1; echo =; done
      nginx -c "$0" -s stop`;
    const { output } = run("unshare", ["--net", "sh", "-c", script, stage(folder, plan), ...paths]);
    const answers = output
      .split("=")
      .slice(0, paths.length)
      .map((hex) => Buffer.from(hex.replace(/[^0-9a-f]/g, ""), "hex").toString("latin1"));
    return answers.map(answerOf);
  });
}

function answerOf(text: string): Answer {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers: Answer["headers"] = {};
  for (const line of lines) {
    const [name = "", value = ""] = line.split(/: (.*)/);
    (headers[name.toLowerCase()] ??= []).push(value);
  }
  return { status: first.split(" ")[1] ?? "", headers, body: text.slice(end + 4) };
}

const withWeb = (web: Partial<DeploymentPlan["web"]>): DeploymentPlan => ({
  ...PLAN,
  web: { ...PLAN.web, ...web },
});
const logo = (kind: "svg" | "png", bytes: Buffer) => ({ kind, base64: bytes.toString("base64") });

testWith(NEEDS, "a logo is served under the deployment's name, as what it is, and runs nothing", () => {
  const path = "/images/audio-meet-logo.svg";
  const plan = withWeb({ logo: logo("svg", Buffer.from(SVG)) });
  const [svg, again, png] = served(plan, `${path}?v=0123456789ab`, path, path.replace("svg", "png"));
  expect(svg).toMatchObject({ status: "200", body: SVG });
  expect(svg?.headers).toMatchObject({
    "content-type": ["image/svg+xml"],
    "x-content-type-options": ["nosniff"],
    "cache-control": ["public, max-age=31536000, immutable"],
    "content-security-policy": [
      expect.stringContaining("frame-ancestors 'self'"),
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    ],
  });
  expect(again?.headers["cache-control"]).toEqual(["no-cache"]);
  expect(png?.status).toBe("404");
});

testWith(NEEDS, "a png arrives byte by byte", () => {
  const [png] = served(withWeb({ logo: logo("png", PNG) }), "/images/audio-meet-logo.png");
  expect(png).toMatchObject({ status: "200", headers: { "content-type": ["image/png"] } });
  expect(Buffer.from(png?.body ?? "", "latin1").equals(PNG)).toBe(true);
});

testWith(
  NEEDS,
  "the page brings the links along, in the start page and in a room, and no error without any",
  () => {
    const links = {
      privacy: 'https://www.example.org/?a=1&b="2"',
      imprint: "https://www.example.org/imprint",
    };
    for (const { status, body } of served(withWeb({ language: "de", links }), "/", "/a-room")) {
      expect(status).toBe("200");
      const [, template = ""] =
        /<template id="welcome-page-additional-content-template">(.*?)<\/template>/s.exec(body) ?? [];
      expect(
        [...template.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)].map(([, ...link]) => link),
      ).toEqual([
        ["https://www.example.org/?a=1&#38;b=&#34;2&#34;", "Datenschutz"],
        ["https://www.example.org/imprint", "Impressum"],
      ]);
      expect(body).toContain("interfaceConfig.DISPLAY_WELCOME_PAGE_CONTENT = true;");
    }
    const [plain] = served(PLAN, "/");
    expect(plain?.body).toContain('<template id="welcome-page-additional-content-template"></template>');
    expect(plain?.body).not.toMatch(/error occurred|DISPLAY_WELCOME_PAGE_CONTENT/);
  },
);

testWith(
  NEEDS,
  "settings of the operator reach the browser, word by word, beside those of the deployment",
  () => {
    const nginx = readNginx(
      `
    add_header X-Robots-Tag "noindex, nofollow" always;
    location = /status { add_header X-From 'it''s "}" # \\\\ é' always; return 200 "brace } quote \\" end; \\\\ \\n"; }
    location ^~ /old/ { rewrite "^/old/(\\d{2})$" /new/$1 permanent; }
  `.replace("it''s", "its"),
    );
    const extra = {
      ...PLAN.extra,
      nginx,
      page: settingsOf({ toolbarConfig: { alwaysVisible: true }, a: "</script>" }),
    };
    const [page, status, old, config] = served({ ...PLAN, extra }, "/", "/status", "/old/12", "/config.js");
    expect(page?.headers).toMatchObject({
      "x-robots-tag": ["noindex, nofollow"],
      "permissions-policy": [expect.stringContaining("camera=()")],
    });
    expect(page?.body).toContain("config.toolbarConfig.alwaysVisible = true;");
    expect(config?.body).toContain("/* jitsi:web.config */\n");
    expect(status).toMatchObject({ status: "200", body: 'brace } quote " end; \\ \n' });
    expect(status?.headers).toMatchObject({
      "x-from": ['its "}" # \\ \u00c3\u00a9'],
      "x-robots-tag": ["noindex, nofollow"],
      "permissions-policy": [expect.stringContaining("camera=()")],
    });
    expect(old).toMatchObject({
      status: "301",
      headers: { location: [expect.stringMatching(/\/new\/12$/)] },
    });
  },
);
