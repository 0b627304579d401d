import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { HERE } from "./pebble";

/** One question to the proxy: what was asked, and with which login. */
interface Asked {
  what: string;
  login: string | undefined;
}

/**
 * An HTTP proxy on the lab's bridge that writes down what it is asked. Names of `names` lead to this machine: guests cannot look
 * them up, and nobody else knows them.
 */
export class Proxy {
  asked: Asked[] = [];
  /** Everything is refused with 403. */
  isClosed = false;

  private constructor(
    private readonly server: Server,
    private readonly names: ReadonlySet<string>,
  ) {
    server.on("request", (asked, answer) => {
      this.passOn(asked, answer);
    });
    server.on("connect", (asked: IncomingMessage, socket: Socket) => {
      this.tunnel(asked, socket);
    });
  }

  static async start(names: string[]): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, new Set(names));
    await new Promise<void>((done) => server.listen(0, HERE, done));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${HERE}:${this.port}`;
  }

  /** What was asked since the last call: CONNECT with host and port, other methods with scheme and host. */
  seen(): Set<string> {
    const asked = this.asked.map(({ what }) => what.replace(/^(\w+ \w+:\/\/[^/]+).*$/, "$1"));
    this.asked = [];
    return new Set(asked);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private note({ method, url, headers }: IncomingMessage): void {
    this.asked.push({ what: `${method ?? ""} ${url ?? ""}`, login: headers["proxy-authorization"] });
  }

  private where(host: string): string {
    return this.names.has(host) ? HERE : host;
  }

  private passOn(asked: IncomingMessage, answer: ServerResponse): void {
    this.note(asked);
    if (this.isClosed) return void answer.writeHead(403).end();
    const { hostname, port, pathname, search } = new URL(asked.url ?? "");
    const { method, headers } = asked;
    const options = { host: this.where(hostname), port, path: pathname + search, method, headers };
    const there = request(options, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    there.on("error", () => answer.writeHead(502).end());
    asked.pipe(there);
  }

  private tunnel(asked: IncomingMessage, socket: Socket): void {
    this.note(asked);
    socket.on("error", () => socket.destroy());
    if (this.isClosed) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const [host = "", port = "443"] = (asked.url ?? "").split(":");
    const there = connect(Number(port), this.where(host), () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.pipe(socket);
      socket.pipe(there);
    });
    there.on("error", () => socket.destroy());
    socket.on("close", () => there.destroy());
  }
}
