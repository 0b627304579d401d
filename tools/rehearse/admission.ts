/** How a crowd gets into a deployment that does not let in anybody. */
import { createHmac } from "node:crypto";

/** What lets people in; neither: nothing is needed. */
export interface Admission {
  /** Who opens a room, where somebody has to: logs in at `domain`. */
  opener?: { domain: string; user: string; password: string };
  /** Of whom tokens are, and the secret that signs them. */
  token?: { secret: string; issuer: string; audience: string; subject: string };
}

/** A path takes seconds, a room of people who do not get in a minute. */
const TOKEN_SECONDS = 300;

/** What a program that brings people into a room finds in its environment. */
export function secretsFor({ opener, token }: Admission, room: string): Record<string, string> {
  return {
    ...(opener && { REHEARSE_USER: opener.user, REHEARSE_PASSWORD: opener.password }),
    ...(token && { REHEARSE_TOKEN: tokenFor(token, room) }),
  };
}

/** A token for this room alone (docs/ACCESS.md). */
function tokenFor(
  { secret, issuer, audience, subject }: NonNullable<Admission["token"]>,
  room: string,
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
  const claims = { iss: issuer, aud: audience, sub: subject, room, exp };
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}
