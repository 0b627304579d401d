import { mustRun } from "../run";

/** A sound as the real tools measure it. */
export interface Measured {
  codec: string;
  seconds: number;
  /** Mean level, dB of full scale. */
  meanDb: number;
}

/** ffmpeg's source "sine" has an amplitude of 1/8: -18.1 dBFS, and 3 dB less on average. */
export const TONE_DB = -21.1;

/** The unit that plays it on a recorder. */
const TONE = "tone";

/** Runs a script on a host by its login command; returns its stdout. */
async function on(login: string, script: string): Promise<string> {
  return (await mustRun("bash", ["-c", `${login} sudo -n bash -s`], { stdin: script })).stdout;
}

/** Plays a tone of 440 Hz into a recorder's sound, in place of people: no stand-in carries sound. Five minutes at most. */
export async function playTone(login: string): Promise<void> {
  const tone = "-re -f lavfi -i sine=frequency=440:duration=300 -f pulse -device recorder tone";
  const server = "PULSE_SERVER=unix:/run/audio-meet-sound/native";
  await on(
    login,
    `systemd-run --quiet --collect --unit=${TONE} --uid=jibri -E ${server} ffmpeg -v error ${tone}`,
  );
}

export async function endTone(login: string): Promise<void> {
  await on(login, `systemctl stop ${TONE}`);
}

/** Measures a recording by ffprobe and ffmpeg of a recorder. */
export async function measure(login: string, content: Buffer): Promise<Measured> {
  const printed = await on(
    login,
    `f=$(mktemp); base64 -d >"$f" <<'END'\n${content.toString("base64")}\nEND
     ffprobe -v error -show_entries format=duration:stream=codec_name -of default=noprint_wrappers=1 "$f"
     ffmpeg -hide_banner -i "$f" -af volumedetect -f null - 2>&1 | grep mean_volume
     rm "$f"`,
  );
  const found = (pattern: RegExp) => pattern.exec(printed)?.[1] ?? "";
  return {
    codec: found(/codec_name=(\w+)/),
    seconds: Number(found(/duration=([\d.]+)/)),
    meanDb: Number(found(/mean_volume: (-[\d.]+) dB/)),
  };
}
