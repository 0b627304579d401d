import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { join } from "node:path";
import { run } from "./programs";

const HERE = "127.0.0.1";

/** What answers in place of a document. */
export type Answer = (response: ServerResponse) => void;

/** A server of documents over TLS; who asks sees `documents`, by path, and is counted. */
export interface Publisher {
  url: string;
  documents: Record<string, unknown>;
  asked: string[];
  close: () => void;
}

/**
 * A certificate for an address or a name, signed by nobody but itself, with its key beside it; returns its path. Prosody looks for the
 * address among the names, others among the addresses.
 */
export function makeCertificate(folder: string, name: string, address = HERE): string {
  const file = join(folder, `${name}.pem`);
  const names = isIP(address) === 0 ? `DNS:${address}` : `DNS:${address},IP:${address}`;
  const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj /CN=${name} -addext subjectAltName=${names} -keyout ${file}.key -out ${file}`;
  const { code, output } = run("openssl", request.split(" "));
  if (code !== 0) throw new Error(output);
  return file;
}

/** Starts a publisher at the address, with such a certificate. */
export async function publish(certificate: string, address = HERE): Promise<Publisher> {
  const tls = { cert: readFileSync(certificate), key: readFileSync(`${certificate}.key`) };
  const publisher: Publisher = { url: "", documents: {}, asked: [], close: () => undefined };
  const server: Server = createServer(tls, (request, response) => {
    const path = request.url ?? "";
    publisher.asked.push(path);
    const document = publisher.documents[path];
    if (typeof document === "function") {
      (document as Answer)(response);
      return;
    }
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(typeof document === "string" ? document : JSON.stringify(document ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, address, done));
  publisher.url = `https://${address}:${(server.address() as AddressInfo).port}`;
  publisher.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return publisher;
}
