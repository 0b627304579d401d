import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { HERE } from "./pebble";

/** What happens on the line after so many bytes of a connection. */
type Fault = "none" | "cut" | "hold";

/** The line between a recorder and its storage: passes everything on, until it is cut or held half way. */
export class Line {
  private readonly sockets = new Set<Socket>();
  private fault: Fault = "none";
  private afterBytes = 0;
  /** Connections that were held, or cut half way. */
  disturbed = 0;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
    private readonly target: number,
  ) {}

  /** Listens at `port` of the lab's bridge and leads to `target`, another port there. */
  static async open(port: number, target: number): Promise<Line> {
    const server = createServer();
    const line = new Line(server, port, target);
    server.on("connection", (socket) => {
      line.connect(socket);
    });
    await line.listen();
    return line;
  }

  /** Takes connections, unless it does already. */
  async listen(): Promise<void> {
    this.server.listen(this.port, HERE);
    await once(this.server, "listening");
  }

  /** Refuses connections, as a port does at which nobody listens, and ends those that there are. */
  refuse(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** From now on each connection ends, or stands still, after so many bytes towards the storage. */
  disturb(fault: Fault, afterBytes = 0): void {
    this.fault = fault;
    this.afterBytes = afterBytes;
    this.disturbed = 0;
  }

  /** Waits until a connection was cut or held half way. */
  async untilDisturbed(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (this.disturbed === 0) {
      if (Date.now() > end) throw new Error(`nobody sent ${this.afterBytes} bytes within ${seconds} s`);
      await pause(50);
    }
  }

  private connect(here: Socket): void {
    const there = createConnection(this.target, HERE);
    let sent = 0;
    for (const [socket, other] of [
      [here, there],
      [there, here],
    ] as const) {
      this.sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    there.pipe(here);
    here.on("data", (data) => {
      sent += data.length;
      if (this.fault !== "none" && sent > this.afterBytes) {
        this.disturbed += 1;
        if (this.fault === "cut") here.resetAndDestroy();
        else here.pause();
      } else if (!there.write(data)) {
        here.pause();
        there.once("drain", () => here.resume());
      }
    });
  }
}
