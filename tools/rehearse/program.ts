/** The Go program that is the crowd (rehearse/): built here, run with its flags. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { run } from "../hosts";
import type { Crowd } from "./measured";
import type { Page } from "./deployment";

const SOURCE = join(__dirname, "../../rehearse");

/** What a crowd does. */
export interface Wish {
  room: string;
  participants: number;
  talkers: number;
  turnSeconds: number;
  holdSeconds: number;
  joinsPerSecond: number;
  /** Where participants say they are, in turn. */
  regions?: string[];
  /** How long each waits for jicofo; absent: a minute. */
  patienceSeconds?: number;
  /** They go as soon as each has heard somebody. */
  untilHeard?: boolean;
  /** Where the first one logs in to open the room, with what the environment holds. */
  opener?: string | undefined;
  /** Media over TURN alone: `tls` is the way that is left where UDP is closed. */
  relayedOver?: "udp" | "tcp" | "tls";
  /** Who is thrown out comes again within so long; else nobody does. */
  returnSeconds?: number;
}

/** What happens once all are in; the crowd stays until it is over. */
export type During = () => Promise<void>;

/** Builds the program into a folder; where it lies, or in one line why not. */
export async function build(folder: string): Promise<{ program: string } | { refusal: string }> {
  const program = join(folder, "rehearse");
  const built = await run("go", ["-C", SOURCE, "build", "-trimpath", "-o", program, "./cmd/rehearse"]);
  if (built.code === 0) return { program };
  const remedy = built.stderr.includes("ENOENT")
    ? "; install Go (https://go.dev), which builds the crowd"
    : "";
  return { refusal: `go build: ${built.stderr.trim()}${remedy}` };
}

/** The words behind the program's name. */
export function flagsOf(page: Page, wish: Wish): string[] {
  const flags: Record<string, string | number | undefined> = {
    url: `${page.websocket}?room=${wish.room}`,
    names: Object.entries(page.names)
      .map((name) => name.join("="))
      .join(","),
    domain: page.loginDomain,
    conferences: page.conferences,
    room: wish.room,
    participants: wish.participants,
    talkers: wish.talkers,
    turn: `${wish.turnSeconds}s`,
    hold: `${wish.holdSeconds}s`,
    rate: wish.joinsPerSecond,
    patience: wish.patienceSeconds && `${wish.patienceSeconds}s`,
    regions: wish.regions?.join(","),
    transport: wish.relayedOver,
    return: wish.returnSeconds === undefined ? undefined : `${wish.returnSeconds}s`,
    opener: wish.opener,
  };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const words = given.flatMap(([name, value]) => [`-${name}`, String(value)]);
  const switches = { relayed: wish.relayedOver !== undefined, "until-heard": wish.untilHeard === true };
  const on = Object.entries(switches).flatMap(([name, isOn]) => (isOn ? [`-${name}`] : []));
  return [...words, ...on];
}

/** Lets a crowd rehearse. `environment`: `SSL_CERT_FILE` names whom to trust besides the system's authorities; secrets. */
export async function rehearse(
  program: string,
  flags: string[],
  environment: Record<string, string>,
  during?: During,
): Promise<Crowd> {
  const env = { ...process.env, ...environment };
  const words = during === undefined ? flags : [...flags, "-stay"];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"], env });
  child.stdin.on("error", () => undefined);
  if (during === undefined) child.stdin.end();
  let over: Promise<void> | undefined;
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (during === undefined || over !== undefined || !printed.startsWith(ALL_IN)) return;
    over = during().finally(() => child.stdin.end());
  });
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the crowd ended with ${code ?? "a signal"}`));
    });
  });
  await over;
  return JSON.parse(printed.slice(during === undefined ? 0 : ALL_IN.length)) as Crowd;
}

/** The first line of a crowd that stays. */
const ALL_IN = "in\n";
