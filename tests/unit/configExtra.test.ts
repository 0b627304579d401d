import { formatErrors } from "../../config/errors";
import { goodConfig, loadConfig } from "./configFixtures";
import { type BadCase, testBad } from "./configBad";

const withExtra = (extra: object) => ({ ...goodConfig(), extra });
const withPage = (config: unknown) => ({ ...goodConfig(), web: { config } });

/** A text for one daemon that is refused: what it says, what the error says. */
type Misuse = [text: string, finding: RegExp, rule: RegExp];

function testMisuses(part: string, misuses: Misuse[]): void {
  describe(`jitsi:extra.${part}`, () => {
    testBad(
      misuses.map(([text, finding, rule]): BadCase => {
        return [
          JSON.stringify(text),
          withExtra({ [part]: text }),
          `jitsi:extra.${part}`,
          finding,
          rule,
          /\w/,
        ];
      }),
    );
  });
}

testMisuses("nginx", [
  ["listen 8443 ssl;", /^sets listen \(line 1\)$/, /^ {2}Ports, addresses/],
  ["server_name other.example.org;", /server_name/, /Ports, addresses/],
  ["# ours\nssl_verify_client off;", /^sets ssl_verify_client \(line 2\)$/, /certificates are verified/],
  ["ssl_protocols TLSv1;", /ssl_protocols/, /encrypted/],
  ["include /etc/nginx/more/*.conf;", /sets include/, /preview/],
  ["load_module modules/x.so;", /load_module/, /preview/],
  ["location /x { content_by_lua 'os.exit()'; }", /sets content_by_lua /, /runs no programs/],
  ["location /x { perl main::handler; }", /sets perl/, /runs no programs/],
  ["access_log /var/log/nginx/x.log;", /access_log/, /tokens/],
  ["error_log /dev/stdout debug;", /error_log/, /tokens/],
  ["location = /m { stub_status; }", /stub_status/, /metrics/],
  ["limit_req_dry_run on;", /limit_req_dry_run/, /from stopping everybody/],
  ["root /srv;", /sets root/, /Audio Meet sets this/],
  ["location = /config.js { return 200 x; }", /sets location/, /Audio Meet sets this/],
  ["location ^~ / { return 404; }", /sets location/, /Audio Meet sets this/],
  ["return 404;", /sets return/, /in place of the page/],
  ['add_header permissions-policy "camera=*";', /add_header/, /Audio Meet sets this/],
  ["upstream x { server 127.0.0.1:8080; }", /sets upstream/, /server block/],
  ["server { }", /sets server/, /server block/],
  ["location /j/ { proxy_pass http://127.0.0.1:8888/; }", /sets proxy_pass/, /drain/],
  ["location /j/ { proxy_pass http://localhost:08080/; }", /proxy_pass/, /drain/],
  ["location /j/ { proxy_pass http://[::ffff:127.0.0.1]:8080; }", /proxy_pass/, /drain/],
  ["location /j/ { fastcgi_pass 127.0.0.1:5280; }", /fastcgi_pass/, /drain/],
  ["location /j/ { grpc_pass grpc://127.0.0.1:9001; }", /grpc_pass/, /HTTP or/],
  ["location /j/ { proxy_pass http://$arg_to; }", /proxy_pass/, /no request chooses/],
  ["location /j/ { proxy_pass https://www.example.org; }", /proxy_pass/, /certificates are verified/],
  ["proxy_ssl_verify off;", /proxy_ssl_verify/, /certificates are verified/],
  ["set_real_ip_from 0.0.0.0/0;", /set_real_ip_from/, /proxy of yours/],
  [
    'location /j/ { proxy_set_header Authorization "Bearer x"; }',
    /to a secret \(line 1, value not shown\)/,
    /visible/,
  ],
  ["add_header X-Key AKIAIOSFODNN7EXAMPLE;", /^holds a secret/, /visible/],
  ["} server { listen 1;", /^cannot be read at line 1$/, /stays inside/],
  ["location /x {", /^cannot be read at line 1$/, /closed/],
  ["\nadd_header X-A b", /^cannot be read at line 2$/, /semicolon/],
  ['add_header X-A "b', /cannot be read/, /semicolon/],
  ['add_header X-A "b"c;', /cannot be read/, /ends with its quote/],
  ["add_header X-A \u202eb;", /invisible character in line 1/, /preview shows/],
]);

for (const part of ["prosody", "prosodyJvb"])
  testMisuses(part, [
    ['modules_disabled = { "audio_only" }', /^sets modules_disabled \(line 1\)$/, /chooses the modules/],
    ["load_global_modules = false", /load_global_modules/, /chooses the modules/],
    ["modules_enabled = {}", /modules_enabled/, /chooses the modules/],
    ['plugin_paths = { "/tmp" }', /plugin_paths/, /chooses the modules/],
    ["stanza_limits_per_second = 1000", /sets /, /bounds/],
    ["limits = {}", /limits/, /bounds/],
    ["c2s_stanza_size_limit = 1", /limit/, /bounds/],
    ["c2s_require_encryption = false", /c2s_require_encryption/, /verified/],
    ["s2s_secure_auth = false", /s2s_secure_auth/, /verified/],
    ['ssl = { protocol = "sslv23" }', /sets ssl/, /verified/],
    ['authentication = "internal_plain"', /authentication/, /open a room/],
    ['admins = { "anna@example.org" }', /admins/, /accounts/],
    ["c2s_ports = { 5223 }", /c2s_ports/, /Ports/],
    ["http_ports = { 80 }", /http_ports/, /Ports/],
    ['interfaces = { "*" }', /interfaces/, /Ports/],
    ["audio_only_off = true", /sets /, /Audio Meet sets this/],
    ["muc_max_occupants = 5", /sets /, /key of its own/],
    ['log = "/tmp/log"', /sets log/, /belong to the deployment/],
    ["muc_room_locking = true", /sets /, /Audio Meet sets this/],
    ['my_password = "x"', /my_password/, /accounts/],
    ['upload_secret = "x"', /to a secret/, /visible/],
    ["c2s_close_timeout = 1\nc2s_close_timeout = 2", /twice \(lines 1 and 2\)/, /stands once/],
    ['VirtualHost "x"', /cannot be read at line 1/, /name = value/],
    ['Include "/tmp/x"', /cannot be read/, /name = value/],
    ['dofile("/tmp/x")', /cannot be read/, /name = value/],
    ["x = os.exit()", /cannot be read/, /text in quotes/],
    ['x = Lua.io.open("/etc/passwd")', /cannot be read/, /text in quotes/],
    ['x = FileContents("/etc/shadow")', /cannot be read/, /text in quotes/],
    ["x = 60 * 60", /cannot be read/, /name = value/],
    ["x = nil", /cannot be read/, /text in quotes/],
    ["x = [[a]]", /cannot be read/, /long brackets/],
    ["--[[\nx = 1\n]]", /cannot be read/, /long brackets/],
    ["x = { 1, a = 2 }", /cannot be read/, /not both/],
    ["x = { a = 1, a = 2 }", /cannot be read/, /stands once/],
    ["x = { { { { { { { { { 1 } } } } } } } } }", /cannot be read/, /at most 8 levels/],
    ["local x = 1", /cannot be read/, /name = value/],
    ['x = "a\\\nb"', /cannot be read/, /text in quotes/],
  ]);

testMisuses("jicofo", [
  ["jicofo.xmpp.client.disable-certificate-verification = true", /^sets jicofo\.xmpp/, /verified/],
  ["jicofo { xmpp { client { port = 1 } } }", /sets jicofo\.xmpp/, /connections/],
  ["jicofo { conference { max-video-senders: 5 } }", /max-video-senders/, /audio only/],
  ['"jicofo"."codec"."video".vp9 { enabled = true }', /jicofo\.codec\.video/, /audio only/],
  ["jicofo.codec = {}", /jicofo\.codec/, /audio only/],
  ["jicofo = 5", /sets jicofo /, /./],
  ["jicofo.rest.host = 0.0.0.0", /jicofo\.rest/, /drain/],
  ["jicofo.authentication.enabled = false", /jicofo\.authentication/, /open a room/],
  ["jicofo.bridge.max-bridge-participants = 9", /max-bridge/, /key of its own/],
  ["jicofo.octo.enabled = false", /jicofo\.octo/, /both ends/],
  ["jicofo.transcription.url-template = x", /transcription/, /no other server/],
  ["tracing.enabled = true", /tracing/, /begins with jicofo/],
  ['"jicofo.rest".port = 1', /sets /, /begins with jicofo/],
  ["jicofo.a.password = x", /to a secret/, /visible/],
  ["jicofo.a = 1\njicofo { a { b = 2 } }", /twice/, /stands once/],
  ["jicofo.a += 1", /cannot be read/, /path = value/],
  ["jicofo.a = ${PATH}", /cannot be read/, /nothing is looked up/],
  ["jicofo.a = a ${?PATH}", /cannot be read/, /nothing is looked up/],
  ['include "/etc/passwd"', /cannot be read/, /not included/],
  ['include file("/etc/passwd")', /cannot be read/, /not included/],
  ["jicofo { include x }", /cannot be read/, /not included/],
  ['jicofo.a = """b"""', /cannot be read/, /nothing is looked up/],
  ["jicofo.a = null", /cannot be read/, /nothing is looked up/],
  ["}", /cannot be read/, /one that opens/],
  ["jicofo {", /cannot be read/, /closed/],
]);

testMisuses("videobridge", [
  [
    "videobridge.apis.xmpp-client.configs.x.DISABLE_CERTIFICATE_VERIFICATION = true",
    /sets videobridge\.apis/,
    /verified/,
  ],
  ["videobridge.http-servers.private.host = 0.0.0.0", /http-servers/, /drain/],
  ["videobridge { http-servers { public { port = 9090 } } }", /http-servers/, /drain/],
  ["videobridge.rest.shutdown.enabled = false", /videobridge\.rest/, /drain/],
  ["videobridge.initial-drain-mode = true", /initial-drain-mode/, /drain/],
  ["videobridge.ice.udp.port = 443", /videobridge\.ice/, /Ports/],
  ["ice4j.harvest.mapping.static-mappings = []", /ice4j\.harvest/, /Ports/],
  ["videobridge.cc.jvb-last-n = 10", /sets videobridge\.cc/, /audio only/],
  ["videobridge.relay.region = x", /videobridge\.relay/, /both ends/],
  ["jmt.srtp.protection-profiles = [ none ]", /jmt\.srtp/, /encrypted/],
  ["jmt.debug.pcap.enabled = true", /jmt\.debug/, /no disk/],
  ["jicofo.rest.port = 1", /sets jicofo/, /begins with videobridge, ice4j, jmt/],
]);

describe("jitsi:web.config", () => {
  const refusals: [config: unknown, finding: RegExp, rule: RegExp][] = [
    [{ startAudioOnly: false }, /^sets startAudioOnly$/, /audio only/],
    [{ constraints: { video: { height: 720 } } }, /sets constraints\.video/, /audio only/],
    [{ channelLastN: -1 }, /channelLastN/, /audio only/],
    [{ desktopSharingFrameRate: { min: 5 } }, /desktopSharing/, /audio only/],
    [{ videoQuality: {} }, /videoQuality/, /audio only/],
    [{ toolbarButtons: ["microphone", "camera"] }, /toolbarButtons/, /audio only/],
    [{ hosts: { domain: "x.example.org" } }, /sets hosts\.domain/, /finds the servers/],
    [{ p2p: { enabled: true } }, /p2p\.enabled/, /past the bridges/],
    [{ analytics: { matomoSiteID: 1 } }, /analytics/, /No other server/],
    [{ defaultLanguage: "de" }, /defaultLanguage/, /key of its own/],
    [{ prejoinConfig: { enabled: false } }, /prejoinConfig/, /key of its own/],
    [{ prejoinConfig: "x" }, /prejoinConfig/, /key of its own/],
    [{ a: JSON.parse('{"__proto__": 1}') as unknown }, /sets a/, /JavaScript/],
    [{ a: { constructor: 1 } }, /sets a\.constructor/, /JavaScript/],
    [{ someApiKey: "x" }, /to a secret/, /Every participant/],
    [{ a: ["x", { b: "ghp_16C7e42F292c6912E7710c838347Ae178B4a" }] }, /to a secret/, /Every participant/],
    [{ a: null }, /is a structure/, /texts, numbers/],
    [["a"], /is \["a"\]/, /structure of names/],
    [{ a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }, /is a structure/, /at most 6 levels/],
    [{ a: "x".repeat(20_000) }, /is a structure/, /at most 16000 characters/],
  ];
  testBad(
    refusals.map(([config, finding, rule]): BadCase => {
      const name = JSON.stringify(config).slice(0, 60);
      return [name, withPage(config), "jitsi:web.config", finding, rule, /\w/];
    }),
  );

  test("what only sounds like video, or has none in it, is accepted", () => {
    const config = { remoteVideoMenu: { disableKick: true }, toolbarButtons: ["microphone", "hangup"] };
    expect(loadConfig(withPage(config)).errors ?? []).toEqual([]);
  });
});

test("every mistake of a text is told at once, with its line", () => {
  const { errors = [] } = loadConfig(
    withExtra({ nginx: "listen 1;\n\ninclude x;\nlocation /a { ssl_x 1; }" }),
  );
  expect(formatErrors(errors)).toBe(
    [
      "jitsi:extra.nginx sets listen (line 1).",
      "  Ports, addresses and listeners belong to the deployment: the firewall and the verification know them.",
      "  Remove it.",
      "",
      "jitsi:extra.nginx sets include (line 3).",
      "  Nothing is read that the preview does not show.",
      "  Write the directives themselves.",
      "",
      "jitsi:extra.nginx sets ssl_x (line 4).",
      "  Connections are encrypted and certificates are verified; no setting turns this off.",
      "  Remove it, and use jitsi:certificate.",
    ].join("\n"),
  );
});

test("a text of the wrong kind, too long, or for a daemon that has none is refused", () => {
  const errors = [{ nginx: 5 }, { jicofo: "#".repeat(20_000) }, { coturn: "x" }].map(
    (extra) => loadConfig(withExtra(extra)).errors ?? [],
  );
  expect(errors.map(([first]) => [first?.key, first?.rule])).toEqual([
    ["jitsi:extra.nginx", "It is text in the language of the daemon."],
    ["jitsi:extra.jicofo", "A text has at most 16000 characters."],
    ["jitsi:extra.coturn", expect.stringContaining("nginx, prosody, prosodyJvb, jicofo, videobridge")],
  ]);
});

test("lines that end as on Windows, and comments, are accepted", () => {
  const extra = {
    nginx: "# a\r\nadd_header X-A b;\r\n",
    prosody: "-- a\r\nc2s_close_timeout = 10 -- b\r\n",
    jicofo: "// a\r\njicofo.conference.initial-timeout = 30 seconds # b\r\n",
  };
  expect(loadConfig(withExtra(extra)).errors ?? []).toEqual([]);
});
