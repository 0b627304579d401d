import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { content, PLAN } from "./files";
import { isThere, run } from "./programs";
import { NEEDS_PROSODY, PROSODY_LUA, TEMPLATES } from "./prosodyLua";
import { freePort, startProcess } from "./prosodyProcess";

const MISSING = [NEEDS_PROSODY, PROSODY_LUA, "openssl"].filter((need) => !isThere(need));

/** A group of tests on it, and what its name says where it cannot run. */
export const describeReal = MISSING.length === 0 ? describe : describe.skip;
export const SKIPPED = MISSING.length === 0 ? "" : ` (skipped: needs ${MISSING.join(", ")})`;

export const TECH = PLAN.names.tech;
export const TECH_MUC = PLAN.names.techMuc;
export const BREWERY = PLAN.names.brewery;
export const PASSWORD = "the same for every account here";

const RENDERED = "/etc/prosody-jvb/prosody.cfg.lua";

/** What the defence is taken out by: the configuration as it was before there was one. */
const WITHOUT_BOUNDS: [from: string, to: string][] = [
  ['"bridge_bounds", ', ""],
  ['"http_openmetrics", "limits", "fresh_reading",', '"http_openmetrics", "fresh_reading",'],
  ["c2s_stanza_size_limit = 262144", "c2s_stanza_size_limit = 10485760"],
  ['modules_enabled = { "brewery", "expiry_hold" }', ""],
  ["restrict_room_creation = true", 'restrict_room_creation = "local"'],
];

/** A real Prosody 13 with the rendered configuration of prosody-jvb. */
export interface JvbProsody {
  /** Where it answers HTTP. */
  httpPort: number;
  port: number;
  authority: string;
  log: () => string;
  stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Each replacement finds its text, or the test would run on something else than it says. */
function replaced(text: string, pairs: [from: string, to: string][]): string {
  return pairs.reduce((now, [from, to]) => {
    if (!now.includes(from)) throw new Error(`${RENDERED} has no ${from}`);
    return now.replaceAll(from, to);
  }, text);
}

function configuration(folder: string, port: number, httpPort: number, bounds: boolean): string {
  const text = replaced(content(RENDERED), [
    ["/run/prosody-jvb", folder],
    ["/var/lib/prosody-jvb", folder],
    ["/etc/audio-meet/prosody-jvb-plugins", TEMPLATES],
    ["/etc/prosody-jvb/certs", folder],
    ["c2s_ports = { 15222 }", `c2s_ports = { ${port} }`],
    ["http_ports = { 15280 }", `http_ports = { ${httpPort} }`],
    ['c2s_interfaces = { "127.0.0.1", "10.20.0.2", }', 'c2s_interfaces = { "127.0.0.1" }'],
  ]);
  return `run_as_root = true\n${jumpingClock(folder)}\n${bounds ? text : replaced(text, WITHOUT_BOUNDS)}`;
}

/** The wall clock of that Prosody: as many seconds ahead as a file says, as after a correction of the machine's. */
function jumpingClock(folder: string): string {
  return `do
	local time, now, seconds = require "prosody.util.time", require "prosody.util.time".now, os.time
	local function ahead()
		local file = io.open(${JSON.stringify(clockOf(folder))})
		local found = file and tonumber(file:read "a") or 0
		if file then file:close() end
		return found
	end
	time.now = function() return now() + ahead() end
	os.time = function(at) return at and seconds(at) or seconds() + ahead() end
end`;
}

const clockOf = (folder: string) => join(folder, "seconds-ahead");

/** Sets the wall clock of the Prosody in that folder so many seconds ahead of this machine's. */
export function setClock(folder: string, secondsAhead: number): void {
  writeFileSync(clockOf(folder), String(secondsAhead));
}

/** Makes a folder ready: certificate, program and accounts. */
function prepare(folder: string, accounts: string[]): void {
  const [certificate, key] = [join(folder, "tech.crt"), join(folder, "tech.key")];
  const names = ["-subj", `/CN=${TECH}`, "-addext", `subjectAltName=DNS:${TECH}`];
  const made = run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2"],
    ...[...names, "-out", certificate, "-keyout", key],
  ]);
  if (made.code !== 0) throw new Error(made.output);
  const store = join(folder, TECH.replaceAll(".", "%2e"), "accounts");
  mkdirSync(store, { recursive: true });
  for (const account of accounts) {
    const name = account.replaceAll("-", "%2d");
    writeFileSync(join(store, `${name}.dat`), `return { password = ${JSON.stringify(PASSWORD)} }`);
  }
}

/** Starts it in a folder; a second start in the same one is what a restart is. */
export async function startJvbProsody(
  folder: string,
  accounts: string[],
  bounds: boolean,
): Promise<JvbProsody> {
  const [port, httpPort] = [await freePort(), await freePort()];
  prepare(folder, accounts);
  const text = configuration(folder, port, httpPort, bounds);
  const { log, stop } = await startProcess(folder, text, "c2s");
  return { port, httpPort, authority: readFileSync(join(folder, "tech.crt"), "utf8"), log, stop };
}
