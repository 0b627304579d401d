import { setTimeout as pause } from "node:timers/promises";
import { join, relative } from "node:path";
import { run } from "../run";
import { Forward } from "../xmpp/forward";
import { Bucket, type Login, sha256 } from "./bucket";
import { Moderator } from "./moderator";
import { endTone, measure, playTone } from "./sound";
import { waitingOn, waitingWords } from "./waiting";

/** What `pulumi stack output --json` shows of it. */
interface Outputs {
  url: string;
  ssh: Record<string, string>;
}

/** Port of the main Prosody's websocket on the core's loopback. */
const WEBSOCKET_PORT = 5280;
const ROOM = "rehearsal";
/** What one recording takes: hashing, sending, reading back, and a look at the queue every half minute. */
const ARRIVAL_SECONDS = 60;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Waits for a value; an error says for what it waited. */
async function until<T>(what: string, value: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + ARRIVAL_SECONDS * 1000;
  for (;;) {
    const found = await value();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${ARRIVAL_SECONDS} s`);
    await pause(500);
  }
}

/** Ids of the hosts that record: those with a sound server. */
async function recordersOf(ssh: Record<string, string>): Promise<string[]> {
  const looked = await Promise.all(
    Object.entries(ssh).map(async ([id, login]) => {
      const look = `${login} sudo -n test -S /run/audio-meet-sound/native`;
      const { code, output } = await run("bash", ["-c", look]);
      // 1: there is no such thing. Any other code is of ssh, and sudo speaks where it refuses: neither tells of the host.
      if (code !== 0 && (code !== 1 || output.includes("sudo:")))
        throw new Error(`${id} does not tell whether it records: ${output.trim()}`);
      return code === 0 ? [id] : [];
    }),
  );
  return looked.flat();
}

/** Orders a recording, lets it run for so many seconds, and orders its end. */
async function record(moderator: Moderator, seconds: number): Promise<void> {
  const answer = await moderator.order("start");
  if (!answer.includes('type="result"')) throw new Error(`jicofo refuses to record: ${answer}`);
  await moderator.sees("on");
  say(`recording ${ROOM} for ${seconds} s`);
  await pause(seconds * 1000);
  await moderator.order("stop");
  await moderator.sees("off");
}

/** Says what a recording in the bucket is: every file against the checksum beside it, and the sound as ffprobe has it. */
async function report(bucket: Bucket, name: string, login: string): Promise<void> {
  const objects = bucket.objects(name);
  const { files } = JSON.parse(objects["complete.json"]?.toString() ?? "") as {
    files: Record<string, { bytes: number; sha256: string }>;
  };
  say(`in the bucket: ${relative(process.cwd(), join(bucket.bucket, name))}`);
  for (const [file, { bytes, sha256: digest }] of Object.entries(files)) {
    const content = objects[file] ?? Buffer.alloc(0);
    if (sha256(content) !== digest) throw new Error(`${file} has not the checksum that complete.json tells`);
    say(`  ${file}: ${bytes} bytes, the checksum holds`);
  }
  const sound = Object.keys(files).find((file) => file !== "metadata.json") ?? "";
  const { codec, seconds, meanDb } = await measure(login, objects[sound] ?? Buffer.alloc(0));
  say(`  ${codec}, ${seconds.toFixed(1)} s, mean level ${meanDb} dB`);
}

async function main(): Promise<void> {
  const { url, ssh } = JSON.parse(process.env["OUTPUTS"] ?? "") as Outputs;
  const bucket = new Bucket(JSON.parse(process.env["STORAGE"] ?? "") as Login);
  const domain = new URL(url).hostname;
  const recorders = await recordersOf(ssh);
  const logins = recorders.map((id) => ssh[id] ?? "");
  const [first] = logins;
  if (first === undefined)
    throw new Error("this stack has no recorder: add one to jitsi:regions, then make up");
  say(`a tone of 440 Hz plays on ${recorders.join(", ")} in place of people`);
  await Promise.all(logins.map(playTone));
  const forward = await Forward.by(ssh["core"] ?? "", WEBSOCKET_PORT);
  const before = new Set(bucket.arrived());
  try {
    const moderator = await Moderator.enter(`ws://127.0.0.1:${forward.port}/xmpp-websocket`, domain, ROOM);
    await record(moderator, Number(process.argv[2]));
    await moderator.leave();
  } finally {
    forward.close();
    await Promise.all(logins.map(endTone));
  }
  const name = await until("the recording arrives", () =>
    bucket.arrived().find((one) => !before.has(one)),
  ).catch(async (error: unknown) => {
    const waiting = await Promise.all(recorders.map((id) => waitingOn(id, ssh[id] ?? "")));
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\n${waitingWords(waiting.flat())}`,
    );
  });
  await report(bucket, name, first);
  await until("the recorder deletes its copy", async () => ((await kept(logins)) === "" ? true : undefined));
  say("the recorder has no copy any more");
}

/** Files of recordings that are still on a recorder. */
async function kept(logins: string[]): Promise<string> {
  const found = await Promise.all(
    logins.map((login) =>
      run("bash", ["-c", `${login} sudo -n find /var/lib/audio-meet-recordings -type f`]),
    ),
  );
  return found.map(({ stdout }) => stdout).join("");
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
