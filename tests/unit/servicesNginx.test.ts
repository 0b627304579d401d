import { groupsOf } from "../../services/onHost";
import { bridge, content, planWith } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3)]);
const site = content(plan, "core", "/etc/nginx/sites-enabled/audio-meet");
const group = groupsOf(plan, "core").find(({ group: name }) => name === "nginx");

/** Locations of the site with what stands in them, inner ones as a part of the outer. */
function locations(): [string, string][] {
  const found = [...site.matchAll(/^ {4}location (.+) \{\n([^]*?)^ {4}\}/gm)];
  return found.map(([, name = "", body = ""]) => [name, body]);
}

test("every location that sets a header brings the security headers along", () => {
  const own = locations().filter(([, body]) => body.includes("add_header"));
  expect(own.length).toBeGreaterThan(6);
  for (const [name, body] of own) {
    const blocks = body
      .split("location ")
      .map((block) => [block.includes("add_header"), block.includes("audio-meet-headers.conf")]);
    expect([name, blocks]).toEqual([name, blocks.map(() => [true, true])]);
  }
});

test("the websocket is the one way in, and reaches loopback under the deployment's own name", () => {
  const targets = [...site.matchAll(/proxy_pass (\S+);/g)].map(([, target]) => target);
  expect(targets).toEqual(["http://127.0.0.1:5280/xmpp-websocket"]);
  const proxy = content(plan, "core", "/etc/nginx/snippets/audio-meet-proxy.conf");
  expect(proxy).toContain("proxy_set_header Host meet.example.org;");
  expect(proxy).toContain("proxy_set_header X-Forwarded-For $remote_addr;");
  for (const [name, body] of locations()) {
    expect([name, body.includes("proxy_pass")]).toEqual([name, body.includes("audio-meet-proxy.conf")]);
  }
});

test("the browser refuses camera and screen, and gets the microphone", () => {
  const headers = content(plan, "core", "/etc/nginx/snippets/audio-meet-headers.conf");
  expect(headers).toMatch(/Permissions-Policy "camera=\(\), display-capture=\(\), microphone=\(self\)/);
});

test("HTTP/2 is asked for in the one way that every supported release knows", () => {
  expect(site.match(/listen .*443.*;/g)).toEqual(["listen 443 ssl http2;", "listen [::]:443 ssl http2;"]);
  expect(site).not.toMatch(/^\s*http2 on/m);
});

test("another audience reloads nginx and restarts nothing", () => {
  const large = groupsOf({ ...plan, audienceParticipants: 3000 }, "core").find(
    ({ group: name }) => name === "nginx",
  );
  const changed = Object.entries(large?.files ?? {}).filter(
    ([path, { content: text }]) => text !== group?.files[path]?.content,
  );
  expect(changed.map(([path]) => path)).toEqual([
    "/etc/nginx/nginx.conf",
    "/etc/nginx/sites-enabled/audio-meet",
  ]);
  for (const [, { units }] of changed) expect(units).toEqual({ "nginx.service": "reload" });
  expect(changed[0]?.[1].content).toMatch(/rlimit_nofile 84000;[^]*worker_connections 42000;/);
});

test("the way to Prosody has its limit for one address, and nothing else has", () => {
  const limited = locations()
    .filter(([, body]) => body.includes("limit_"))
    .map(([name, body]) => [name, body.match(/limit_\w+ .*(?=;)/g)]);
  expect(Object.fromEntries(limited)).toEqual({
    "= /xmpp-websocket": [
      "limit_conn audio_meet_held 1500",
      "limit_req zone=audio_meet_websockets burst=2000 nodelay",
    ],
  });
  expect(site).toContain("zone=audio_meet_websockets:10m rate=34r/s;");
  expect(site).toContain("limit_req_status 429;");
  expect(site).toContain("limit_conn_status 429;");
});

test("half a request is given up after seconds at every port, also before nginx knows for whom it is", () => {
  const servers = (text: string) => text.split(/^server \{/m).slice(1);
  const all = [site, content(plan, "core", "/etc/nginx/sites-enabled/default")].flatMap(servers);
  expect(all).toHaveLength(3);
  for (const server of all) {
    for (const directive of ["client_header_timeout 10s", "client_body_timeout 10s", "send_timeout 30s"])
      expect(server).toContain(`    ${directive};\n`);
    expect(server).toContain("    reset_timedout_connection on;\n");
  }
});

test("open files never exceed what the unit lets nginx have", () => {
  const main = content({ ...plan, audienceParticipants: 20_000 }, "core", "/etc/nginx/nginx.conf");
  const files = Number(/worker_rlimit_nofile (\d+);/.exec(main)?.[1]);
  const unit = content(plan, "core", "/etc/systemd/system/nginx.service.d/audio-meet.conf");
  expect(files).toBe(Math.min(560_000, Number(/LimitNOFILE=(\d+)/.exec(unit)?.[1])));
});

test("no page may show this one in a frame but those that are named", () => {
  const headers = (embedIn: string[]) =>
    content(
      { ...plan, web: { ...plan.web, embedIn } },
      "core",
      "/etc/nginx/snippets/audio-meet-headers.conf",
    );
  expect(headers([])).toContain(`"frame-ancestors 'self'; object-src`);
  const two = ["https://portal.example.org", "https://moodle.example.org:8443"];
  expect(headers(two)).toContain(`"frame-ancestors 'self' ${two.join(" ")}; object-src`);
});

test("a notice, a language or a switch changes one file, which no unit has to read again", () => {
  const files = (of: typeof plan) =>
    Object.assign({}, ...groupsOf(of, "core").map((one) => one.files)) as Record<string, object>;
  const before = files(plan);
  for (const more of [
    { web: { ...plan.web, notice: "Hello" } },
    { web: { ...plan.web, language: "de" } },
    { features: { ...plan.features, chat: false } },
  ]) {
    const after = files({ ...plan, ...more });
    const changed = Object.keys(after).filter(
      (path) => JSON.stringify(after[path]) !== JSON.stringify(before[path]),
    );
    expect(changed).toEqual(["/etc/jitsi/meet/meet.example.org-config.js"]);
    expect(after[changed[0] ?? ""]).toMatchObject({ units: {} });
  }
});

test("Debian's welcome page gives way; sites of others are still included", () => {
  expect(Object.keys(group?.files ?? {})).toContain("/etc/nginx/sites-enabled/default");
  expect(content(plan, "core", "/etc/nginx/sites-enabled/default")).toContain("return 444;");
  const main = content(plan, "core", "/etc/nginx/nginx.conf");
  for (const folder of ["modules-enabled/*.conf", "conf.d/*.conf", "sites-enabled/*"]) {
    expect(main).toContain(`include /etc/nginx/${folder};`);
  }
});

describe("the page tells which region's bridges are near", () => {
  const PROXY = "/etc/nginx/snippets/audio-meet-proxy.conf";

  test("where nothing is known, nobody is believed who claims to know", () => {
    expect(content(plan, "core", PROXY)).toContain('proxy_set_header X-Proxy-Region "";');
    expect(site).not.toContain("audio_meet_region");
  });

  test("the network counts, then the header of the proxy in front", () => {
    const nearness = {
      networks: [
        { network: "198.51.100.0/24", region: "eu" },
        { network: "2001:db8::/32", region: "us" },
      ],
      header: { name: "CF-IPCountry", values: [{ value: "US", region: "us" }] },
    };
    const near = { ...plan, nearness };
    expect(content(near, "core", PROXY)).toContain("proxy_set_header X-Proxy-Region $audio_meet_region;");
    const text = content(near, "core", "/etc/nginx/sites-enabled/audio-meet");
    expect(text).toContain("    198.51.100.0/24 eu;\n    2001:db8::/32 us;\n");
    expect(text).toContain(
      'map $http_cf_ipcountry $audio_meet_region_by_header {\n    default "";\n    "US" us;\n',
    );
  });
});
