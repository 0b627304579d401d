/** Every path on a host that more than one module names. */
export const PATHS = {
  prosody: {
    config: "/etc/prosody/prosody.cfg.lua",
    data: "/var/lib/prosody",
    /** Prosody writes it when jicofo does not hear the recorders. */
    recordersUnheard: "/var/lib/prosody/recorders-unheard",
    /** Prosody modules of our own. */
    plugins: "/etc/audio-meet/prosody-plugins",
    /** Libraries that Jitsi's modules ask for and that Prosody does not bring. */
    libraries: "/etc/audio-meet/prosody-libraries",
  },
  prosodyJvb: {
    config: "/etc/prosody-jvb/prosody.cfg.lua",
    data: "/var/lib/prosody-jvb",
    plugins: "/etc/audio-meet/prosody-jvb-plugins",
  },
  mainCertificate: "/etc/prosody/certs/audio-meet/main.crt",
  mainKey: "/etc/prosody/certs/audio-meet/main.key",
  techCertificate: "/etc/prosody-jvb/certs/tech.crt",
  techKey: "/etc/prosody-jvb/certs/tech.key",
  ca: "/etc/jitsi/trust/ca.pem",
  truststore: "/etc/jitsi/trust/truststore.jks",
  webCertificate: "/etc/audio-meet/web/certificate.pem",
  webKey: "/etc/audio-meet/secrets/web.key",
  /** What coturn and Prosody make names and passwords from. */
  turnSecret: "/etc/audio-meet/secrets/turn",
  /** Verifies tokens; Prosody itself reads it. */
  tokenSecret: "/etc/prosody/audio-meet/token-secret",
  /** Who may have signed the certificate of the place that keys of tokens come from. */
  tokenAuthorities: "/etc/audio-meet/token-authorities.pem",
  /** One file for each moderator's password. */
  moderatorPasswords: "/etc/audio-meet/secrets/moderators",
  /** Who may have signed the certificate that participants see, where it is none of the system's authorities. */
  webAuthorities: "/etc/audio-meet/web/authorities.pem",
  /** certbot's settings for the external account. */
  acmeEab: "/etc/audio-meet/secrets/acme-eab.ini",
  metricsCertificate: "/etc/audio-meet/metrics/certificate.pem",
  metricsKey: "/etc/audio-meet/secrets/metrics.key",
  /** What logs in at the SMTP server of a host. */
  mailPassword: "/etc/audio-meet/secrets/mail-password",
  metrics: {
    door: "/etc/audio-meet/metrics/door.yml",
    processes: "/etc/audio-meet/metrics/processes.yml",
    textfile: "/etc/audio-meet/metrics/textfile.json",
    /** Below /run: what the node exporter reads goes with it. */
    folder: "audio-meet-metrics",
  },
  prometheus: {
    config: "/etc/audio-meet/prometheus/prometheus.yml",
    rules: "/etc/audio-meet/prometheus/audio-meet.rules.yml",
    /** promtool checks the configuration before the rules are in place; a pattern may match nothing yet. */
    everyRule: "/etc/audio-meet/prometheus/*.rules.yml",
    alertmanager: "/etc/audio-meet/prometheus/alertmanager.yml",
    /** In its place where there is a password in it. */
    alertmanagerWithLogin: "/etc/audio-meet/secrets/alertmanager.yml",
  },
  passwords: {
    focusClient: "/etc/audio-meet/secrets/focus-client",
    focusService: "/etc/audio-meet/secrets/focus-service",
    recorderControl: "/etc/audio-meet/secrets/recorder-control",
    recorderCall: "/etc/audio-meet/secrets/recorder-call",
  },
  /** One file for each bridge's account. */
  bridgePasswords: "/etc/audio-meet/secrets/bridges",
  jicofo: {
    environment: "/etc/audio-meet/secrets/jicofo.env",
    heap: "/etc/audio-meet/heaps/jicofo.env",
    log: "/var/log/jitsi/jicofo.log",
  },
  videobridge: {
    environment: "/etc/audio-meet/secrets/videobridge.env",
    heap: "/etc/audio-meet/heaps/videobridge.env",
    log: "/var/log/jitsi/jvb.log",
  },
  recorder: {
    environment: "/etc/audio-meet/secrets/recorder.env",
    /** Everything that is recorded, and what is on its way to the bucket. */
    data: "/var/lib/audio-meet-recordings",
    /** Where jibri writes, one folder for each recording. */
    recordings: "/var/lib/audio-meet-recordings/recordings",
    /** Where finished recordings are put for the uploader. */
    handover: "/var/lib/audio-meet-recordings/handover",
    /** Driver of a browser that comes without one. */
    driver: "/var/lib/audio-meet-recordings/driver",
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
  },
} as const;

/** systemd units by what runs in them. */
export const UNITS = {
  prosody: "prosody.service",
  prosodyJvb: "prosody-jvb.service",
  jicofo: "jicofo.service",
  jicofoAgain: "audio-meet-jicofo-again.service",
  jicofoAgainPath: "audio-meet-jicofo-again.path",
  videobridge: "jitsi-videobridge2.service",
  recorder: "jibri.service",
  recorderScreen: "jibri-xorg.service",
  recorderWindows: "jibri-icewm.service",
  recorderSound: "audio-meet-sound.service",
  upload: "audio-meet-upload.service",
  uploadPath: "audio-meet-upload.path",
  uploadTimer: "audio-meet-upload.timer",
  diskGuard: "audio-meet-disk-guard.service",
  diskGuardTimer: "audio-meet-disk-guard.timer",
  firewall: "audio-meet-firewall.service",
  kernel: "audio-meet-kernel.service",
  nginx: "nginx.service",
  coturn: "coturn.service",
  certificate: "audio-meet-certificate.service",
  certificateTimer: "audio-meet-certificate.timer",
  nodeExporter: "prometheus-node-exporter.service",
  processExporter: "prometheus-process-exporter.service",
  nginxExporter: "prometheus-nginx-exporter.service",
  metricsDoor: "prometheus-exporter-exporter.service",
  textfile: "audio-meet-metrics.service",
  textfileTimer: "audio-meet-metrics.timer",
  prometheus: "prometheus.service",
  alertmanager: "prometheus-alertmanager.service",
} as const;

/** The one address of services that only their own host may reach. */
export const LOOPBACK = "127.0.0.1";

/** Where a service that only its own host may reach answers HTTP. */
export function loopbackUrl(port: number): string {
  return `http://${LOOPBACK}:${port}`;
}
