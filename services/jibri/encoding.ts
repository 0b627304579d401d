import type { RecordingPlan } from "../../plan/types";

type Format = RecordingPlan["format"];

/** The sink of the sound server and what is heard of it; Opus works at 48 kHz (RFC 6716 §2). */
export const SOUND = { sink: "recorder", source: "recorder.monitor", hertz: 48_000 } as const;

/** The screen of the recorder's browser. */
export const SCREEN = { width: 1280, height: 720 } as const;

/** Pictures a second: what changes is who speaks. Five keep one core of four mostly idle. */
const PICTURES_PER_SECOND = 5;

/** Constant quality of x264 (0 best, 51 worst): text stays legible. Source: ffmpeg's H.264 guide calls 17 to 28 sane. */
const PICTURE_QUALITY = 28;

/** Speech of several people, mono: transparent with Opus (RFC 7587 §3.1.1: 28-40 kbit/s for fullband speech), and some to spare. */
const AUDIO_KBPS = 48;

/** AAC needs more for the same. */
const VIDEO_AUDIO_KBPS = 96;

/** ffmpeg's name of the container and the ending of the file. Both kinds can be played as far as they were written. */
export const RECORDINGS: Record<Format, { container: string; extension: string }> = {
  audio: { container: "ogg", extension: "ogg" },
  video: { container: "mp4", extension: "mp4" },
};

/** What jibri runs to record, without the file, which it adds. jibri takes lines of figures for the sign that it works: info. */
export function recordingCommand(format: Format): string[] {
  const begin = words("ffmpeg -y -v info");
  return [
    ...begin,
    ...(format === "video" ? picture() : []),
    ...words(`-f pulse -thread_queue_size 4096 -i ${SOUND.source}`),
    ...(format === "video" ? pictureAndSound() : soundAlone()),
    ...words(`-f ${RECORDINGS[format].container}`),
  ];
}

function picture(): string[] {
  const { width, height } = SCREEN;
  return words(
    `-f x11grab -draw_mouse 0 -r ${PICTURES_PER_SECOND} -s ${width}x${height} -thread_queue_size 4096 -i :0.0+0,0`,
  );
}

/** Pages of one second, so that a crash loses no more; gaps in what the sound server gives are filled with silence. */
function soundAlone(): string[] {
  return words(
    `-ac 1 -ar ${SOUND.hertz} -c:a libopus -application voip -b:a ${AUDIO_KBPS}k -af aresample=async=1 -page_duration 1000000 -flush_packets 1`,
  );
}

/** In pieces of two seconds: a usual MP4 without its end is unreadable. */
function pictureAndSound(): string[] {
  return [
    ...words(`-c:a aac -ar ${SOUND.hertz} -b:a ${VIDEO_AUDIO_KBPS}k -af aresample=async=1`),
    ...words(`-c:v libx264 -preset veryfast -profile:v main -pix_fmt yuv420p -crf ${PICTURE_QUALITY}`),
    ...words(`-r ${PICTURES_PER_SECOND} -g ${2 * PICTURES_PER_SECOND}`),
    ...words("-movflags +frag_keyframe+empty_moov+default_base_moof -flush_packets 1"),
  ];
}

function words(text: string): string[] {
  return text.split(" ");
}
