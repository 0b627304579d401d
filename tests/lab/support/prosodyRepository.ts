import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join, normalize } from "node:path";
import { mustInGuest } from "./guests";
import type { LabStack } from "./labStack";
import { mustRun } from "../../../lab/run";

/** The lab's own address on its bridge (lab/hosts/network.py). */
const ADDRESS = "10.213.0.1";
const CODENAME = "jammy";
const PACKAGES = join(process.env["AUDIO_MEET_CACHE"] ?? join(homedir(), ".cache/audio-meet"), "packages");

/**
 * The repository of Prosody's authors as a server of Ubuntu sees it, in the form of packages.prosody.im and signed by the lab's
 * key. What is in it is the package of Debian's backports.
 */
export class ProsodyRepository {
  private constructor(
    private readonly server: HttpServer,
    readonly url: string,
  ) {}

  /** Takes the package from a guest that has the backports, whose list of sources loses them: nothing else offers it then. */
  static async start(stack: LabStack, guest: string): Promise<ProsodyRepository> {
    const folder = join(stack.folder, "prosody");
    await fill(folder, await packageFrom(stack, guest));
    const server = createServer((request, response) => {
      const path = normalize(decodeURIComponent(request.url ?? "/"));
      try {
        response.end(readFileSync(join(folder, path)));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(0, ADDRESS, resolve);
    });
    const { port } = server.address() as AddressInfo;
    return new ProsodyRepository(server, `http://${ADDRESS}:${port}`);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function packageFrom(stack: LabStack, guest: string): Promise<Buffer> {
  const printed = await mustInGuest(
    stack,
    guest,
    `set -e
     cd "$(mktemp -d)"
     apt-get -qq update
     apt-get -qq download prosody/bookworm-backports >&2
     base64 prosody_*.deb
     rm -r "$PWD"
     sed -i '/-backports /d' /etc/apt/sources.list
     rm /var/lib/apt/lists/*_dists_bookworm-backports_*`,
  );
  return Buffer.from(printed, "base64");
}

async function fill(folder: string, content: Buffer): Promise<void> {
  mkdirSync(join(folder, "pool"), { recursive: true });
  writeFileSync(join(folder, "pool", "prosody.deb"), content);
  const suite = `dists/${CODENAME}`;
  await mustRun("bash", [
    "-c",
    `set -e
     cd "$1"
     mkdir -p ${suite}/main/binary-amd64
     apt-ftparchive packages pool >${suite}/main/binary-amd64/Packages
     apt-ftparchive -o APT::FTPArchive::Release::Codename=${CODENAME} -o APT::FTPArchive::Release::Components=main \\
       -o APT::FTPArchive::Release::Architectures=amd64 release ${suite} >Release
     gpg --homedir "$2" --batch --quiet --yes --clearsign --output ${suite}/InRelease Release`,
    "bash",
    folder,
    join(PACKAGES, "gnupg"),
  ]);
}
