import { type ChildProcess, spawn } from "node:child_process";
import { createConnection, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A port of a host's loopback, reached over SSH from here. */
export class Forward {
  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  /** By a login command, as the output `ssh` has them. */
  static async by(command: string, remotePort: number): Promise<Forward> {
    const port = await freePort();
    const script = `exec ${command} -o ExitOnForwardFailure=yes -N -L 127.0.0.1:${port}:127.0.0.1:${remotePort}`;
    const forward = new Forward(port, spawn("bash", ["-c", script], { stdio: "ignore" }));
    for (let tries = 0; tries < 100; tries += 1) {
      if (await answers(port)) return forward;
      await pause(100);
    }
    forward.close();
    throw new Error(`port ${remotePort} could not be reached by ${command}`);
  }

  close(): void {
    this.process.kill();
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the system gave no port"));
      });
    });
  });
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}
