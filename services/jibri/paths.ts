/** Everything that is recorded, and what is on its way to the bucket. */
const DATA = "/var/lib/audio-meet-recordings";

/** Where things of a recorder are on its host. */
export const RECORDER = {
  environment: "/etc/audio-meet/secrets/recorder.env",
  /** The same passwords, each alone. */
  passwords: {
    control: "/etc/audio-meet/secrets/recorder-control",
    call: "/etc/audio-meet/secrets/recorder-call",
  },
  data: DATA,
  /** Where jibri writes, one folder for each recording. */
  recordings: `${DATA}/recordings`,
  /** Where finished recordings are put for the uploader. */
  handover: `${DATA}/handover`,
  /** Driver of a browser that comes without one. */
  driver: `${DATA}/driver`,
  finalize: "/etc/audio-meet/recorder/finalize",
  /** Socket of the sound server, which jibri's browser plays to and ffmpeg listens at. */
  soundSocket: "/run/audio-meet-sound/native",
  sound: "/etc/audio-meet/recorder/sound.pa",
  upload: "/etc/audio-meet/recorder/upload.json",
  /** Keys of the storage, for rclone. */
  storageKeys: "/etc/audio-meet/secrets/storage.json",
  storageAuthorities: "/etc/audio-meet/recorder/storage-authorities.pem",
  /** Below /run: what the helper remembers of a recorder until a reboot. */
  remembered: "audio-meet-recorder",
} as const;

/** systemd units of a recorder. */
export const RECORDER_UNITS = {
  jibri: "jibri.service",
  screen: "jibri-xorg.service",
  windows: "jibri-icewm.service",
  sound: "audio-meet-sound.service",
  upload: "audio-meet-upload.service",
  uploadPath: "audio-meet-upload.path",
  uploadTimer: "audio-meet-upload.timer",
  diskGuard: "audio-meet-disk-guard.service",
  diskGuardTimer: "audio-meet-disk-guard.timer",
} as const;
