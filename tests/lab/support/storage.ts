import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bucket, type Login } from "../../../lab/record/bucket";
import type { LabStack } from "./labStack";

/** The lab's S3 server at a port of its own, and what can be wrong with it. */
export class Storage extends Bucket {
  private constructor(
    private readonly stack: LabStack,
    private readonly port: number,
    login: Login,
  ) {
    super(login);
  }

  /** With nothing in it, whatever a killed run has left. */
  static async start(stack: LabStack, port: number): Promise<Storage> {
    const asked = async (action: string) => {
      const printed = await stack.lab("storage", action, "--port", String(port));
      return JSON.parse(printed.stdout || "{}") as Login;
    };
    await asked("stop");
    rmSync((await asked("login")).folder, { recursive: true });
    return new Storage(stack, port, await asked("start"));
  }

  get authorityPem(): string {
    return readFileSync(this.login.authority, "utf8");
  }

  async stop(): Promise<void> {
    await this.stack.lab("storage", "stop", "--port", String(this.port));
  }

  async startAgain(): Promise<void> {
    await this.stack.lab("storage", "start", "--port", String(this.port));
  }

  /** Knows another secret key than the recorders, or theirs again. */
  async expectKey(secretKey: string): Promise<void> {
    const { accessKey } = this.login;
    writeFileSync(join(this.login.folder, "keys.json"), JSON.stringify({ accessKey, secretKey }));
    await this.stop();
    await this.startAgain();
  }

  /** The bucket goes, with everything in it, or is there again. */
  hideBucket(isHidden: boolean): void {
    const [shown, hidden] = [this.bucket, join(this.login.folder, "hidden")];
    if (isHidden) renameSync(shown, hidden);
    else renameSync(hidden, shown);
  }
}
