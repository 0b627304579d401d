import * as x509 from "@peculiar/x509";

function parse<T>(read: () => T, property: string, what: string): T {
  try {
    return read();
  } catch {
    throw new Error(`${property} is not a ${what} in PEM form`);
  }
}

/** Reads a PEM certificate; `property` names the input in the error. */
export function parseCertificate(pem: string, property: string): x509.X509Certificate {
  return parse(() => new x509.X509Certificate(pem), property, "certificate");
}

/** Reads a PEM certificate request and verifies that its sender has the key. */
export async function parseRequest(pem: string, property: string): Promise<x509.Pkcs10CertificateRequest> {
  const request = parse(() => new x509.Pkcs10CertificateRequest(pem), property, "certificate request");
  if (!(await request.verify()))
    throw new Error(`${property}: the signature of the request does not match its key`);
  return request;
}
