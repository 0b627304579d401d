import { PORTS } from "../../facts/ports";
import type { Problem } from "../field";
import { isCertainSecret } from "../secretForms";
import type { Directive } from "./nginx";
import { REASONS, refused, settingName, type Reason } from "./refusals";

const FILES: Reason = {
  rule: "Nothing is read that the preview does not show.",
  fix: "Write the directives themselves.",
};
const PROGRAMS: Reason = { rule: "nginx runs no programs here: they could answer in place of the servers." };
const LOGS: Reason = {
  rule: "Logs hold neither tokens nor names of rooms; nginx' own formats would.",
  fix: "Remove it; access_log off is accepted.",
};

/** Names of directives, by what they would undo, wherever they stand. The first that fits is told. */
const REFUSED: [names: RegExp, reason: Reason][] = [
  [/^(listen|server_name|proxy_protocol.*|http2.*|http3.*|quic.*)$/, REASONS.ports],
  [/^ssl_/, { rule: REASONS.verification.rule, fix: "Remove it, and use jitsi:certificate." }],
  [/^(include|load_module)$/, FILES],
  [/(^|_)(perl|lua|js|njs|wasm|passenger)(_|$)/, PROGRAMS],
  [/^(error_log|log_.*)$/, LOGS],
  [
    /^(stub_status|vhost_traffic_status.*)$/,
    { rule: REASONS.drain.rule, fix: "Remove it, and use jitsi:monitoring." },
  ],
  [
    /^limit_(req|conn)_dry_run$/,
    { rule: "These bounds keep one address from stopping everybody; they follow from jitsi:audience." },
  ],
  [/^more_\w+_headers$/, { rule: "Headers that the deployment sends stay.", fix: "Use add_header." }],
  [
    /^(grpc|scgi|uwsgi|memcached|tarantool)_pass$/,
    { rule: "Requests go on over HTTP or to FastCGI.", fix: "Use proxy_pass or fastcgi_pass." },
  ],
];

/** What the site says itself, outside of locations; a contract test holds the list. */
const OWN =
  /^(root|index|ssi|gzip(_.*)?|client_(header|body)_timeout|send_timeout|reset_timedout_connection|limit_(req|conn)_(status|log_level)|keepalive_timeout)$/;

/** Locations of the site, without what says how they are compared; a contract test holds the list. */
const OWN_LOCATIONS = new Set([
  ...["/", "@room", "/xmpp-websocket", "/config.js", "/interface_config.js", "/interface_config.packaged.js"],
  ...["/title.html", "/static/welcomePageAdditionalContent.html", "/external_api.js", "/libs/"],
]);

/** Headers that every answer has, in lower case. A second Content-Security-Policy can only forbid more. */
const OWN_HEADERS = new Set([
  ...["strict-transport-security", "x-content-type-options", "referrer-policy", "permissions-policy"],
]);

const SECTIONS = new Set(["location", "if", "limit_except"]);

/** Headers that carry a login. */
const LOGIN_HEADER = /^(proxy-)?authorization$|^cookie$|api-?key|token|secret/i;

/** Ports of the deployment that the world does not reach. */
const INNER_PORTS = new Set(
  Object.values(PORTS)
    .filter(({ from, protocol }) => from !== "world" && protocol === "tcp")
    .map(({ port }) => port),
);

/** Everything that is wrong with directives for the site. */
export function nginxProblems(directives: Directive[], above: Directive[] = []): Problem[] {
  return directives.flatMap((directive) => {
    const { words, line, block } = directive;
    const reason = refusedDirective(directive, above.length === 0, [...directives, ...above]);
    const own = reason ? [refused(settingName(words[0] ?? ""), line, reason)] : secretProblems(directive);
    return [...own, ...(reason || !block ? [] : nginxProblems(block, [...directives, ...above, directive]))];
  });
}

/** `near`: directives that hold where it stands. */
function refusedDirective(directive: Directive, isOutside: boolean, near: Directive[]): Reason | undefined {
  const { words, block } = directive;
  const [name = "", ...rest] = words;
  const [, reason] = REFUSED.find(([names]) => names.test(name)) ?? [];
  if (reason) return reason;
  if (block && !SECTIONS.has(name))
    return {
      rule: "The text stands in the server block of the page; in it are location, if and limit_except.",
    };
  if (isOutside && OWN.test(name)) return REASONS.own;
  if (isOutside && name === "return")
    return { rule: "It would answer every request in place of the page.", fix: "Put it into a location." };
  if (name === "location" && OWN_LOCATIONS.has(rest.at(-1) ?? "")) return REASONS.own;
  if (name === "add_header" && OWN_HEADERS.has((rest[0] ?? "").toLowerCase())) return REASONS.own;
  if (name === "access_log" && rest[0] !== "off") return LOGS;
  if (/_ssl_verify$/.test(name) && rest[0] !== "on") return REASONS.verification;
  if (name === "set_real_ip_from" && /\/0+$/.test(rest[0] ?? ""))
    return {
      rule: "Limits count the addresses of browsers, which only a proxy of yours may tell.",
      fix: "Write the networks of the proxy.",
    };
  return /_pass$/.test(name) ? refusedTarget(rest[0] ?? "", near) : undefined;
}

/** Why requests do not go on there. */
function refusedTarget(target: string, near: Directive[]): Reason | undefined {
  if (target.includes("$"))
    return {
      rule: "Where requests go on to stands in the text: no request chooses it.",
      fix: "Write the address without variables.",
    };
  const [, scheme = "", host = "", port] =
    /^(?:(\w+):\/\/)?(unix:[^:]+|\[[^\]]*\]|[^:/]+)(?::([^/]*))?/.exec(target) ?? [];
  const isOther = /^\d{1,3}(\.\d{1,3}){3}$/.test(host) && !/^0*(127|0)\./.test(host);
  if (!host.startsWith("unix:") && port !== undefined && !isOther && INNER_PORTS.has(Number(port)))
    return REASONS.drain;
  const isVerified = near.some(({ words }) => words[0] === "proxy_ssl_verify" && words[1] === "on");
  if (scheme.toLowerCase() === "https" && !isVerified)
    return {
      rule: REASONS.verification.rule,
      fix: "Add proxy_ssl_verify on; and proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; beside it.",
    };
  return undefined;
}

function secretProblems({ words, line }: Directive): Problem[] {
  const [name = "", header = "", value = "$"] = words;
  const isLogin = /_set_header$|^add_header$/.test(name) && LOGIN_HEADER.test(header) && !value.includes("$");
  if (!words.some(isCertainSecret) && !(isLogin && value !== "")) return [];
  return [
    {
      finding: `sets ${settingName(name)} to a secret (line ${line}, value not shown)`,
      isSecret: true,
      rule: "The value of this key is visible in previews and on hosts.",
      fix: "Remove it, and create a new secret where it comes from: this one was readable.",
    },
  ];
}
