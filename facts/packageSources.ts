/** Package sources; a key is an https URL or the path of a file that the hosts already have. */
export interface PackageSources {
  jitsiRepository: string;
  jitsiKey: string;
  prosodyRepository: string;
  prosodyKey: string;
}

/** The upstream repositories. Sources: Jitsi handbook (devops guide, quickstart), prosody.im/download/package_repository. */
export const DEFAULT_PACKAGES: PackageSources = {
  jitsiRepository: "https://download.jitsi.org",
  jitsiKey: "https://download.jitsi.org/jitsi-key.gpg.key",
  prosodyRepository: "http://packages.prosody.im/debian",
  prosodyKey: "https://prosody.im/files/prosody-debian-packages.key",
};

/** Google's own repository; it has amd64 alone. Source: google.com/linuxrepositories. */
export const CHROME = {
  repository: "https://dl.google.com/linux/chrome/deb",
  key: "https://dl.google.com/linux/linux_signing_key.pub",
};
