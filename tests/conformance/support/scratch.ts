import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for what the programs that check keys and certificates read. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), "conformance-"));

  /** Writes a file that only its owner reads, as ssh-keygen demands of keys; returns its path. */
  file(name: string, content: unknown): string {
    const path = join(this.folder, name);
    writeFileSync(path, String(content), { mode: 0o600 });
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
