import type { RestartsSpec } from "./files";
import type { ProxySpec } from "./wayOut";

/** Where packages come from. */
export interface RepositorySpec {
  /** File name in /etc/apt/sources.list.d, without ending. */
  name: string;
  uri: string;
  /** Suite; "@CODENAME" is replaced by the host's own code name; a flat repository ends with "/". */
  suite: string;
  components: string[];
  /** The signing key: fetched over HTTPS, or a file that the host already has. */
  key: { url: string } | { path: string };
}

/** Packages of one release of one distribution. */
export interface PackageSet {
  repositories: RepositorySpec[];
  /** Package → exact version or a pattern with "*" as apt pins know it; "*" alone means whatever the repositories hold. */
  packages: Record<string, string>;
  /** Packages of which only files are wanted. */
  unpack?: Record<string, UnpackSpec>;
}

/**
 * A package that is downloaded from the repositories (apt's signature check included) and unpacked, never configured: no
 * maintainer script runs, dpkg does not list it, its dependencies are not installed. A version that is already unpacked is
 * left alone.
 */
export interface UnpackSpec {
  /** Exact version or pattern, as in `packages`. */
  version: string;
  /**
   * Absolute folder, the same inside the package and on the host. What the package ships below it replaces the folder as a
   * whole, so that no file of an older version stays behind; everything else in the package is left out.
   */
  folder: string;
}

/** The `packages` step. Daemons stay stopped while packages install. */
export interface PackagesManifest {
  /** "<ID>-<VERSION_ID>" of /etc/os-release, e.g. "ubuntu-22.04", "debian-13" → what it gets. */
  releases: Record<string, PackageSet>;
  /** debconf answers: package, question, type, value. */
  preseed: [string, string, string, string][];
  /** Restarts by a new version that wait, with the version. Absent: none does. */
  restarts?: RestartsSpec;
  /** Of everything that the helper fetches on this host as root; absent: the host's own settings count. */
  proxy?: ProxySpec;
}
