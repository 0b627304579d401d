import { withCanonicalHost } from "./host";
import { text, type Words } from "./field";
import { parsedUrl } from "./parsedUrl";

/** Whether it is a URL of these protocols ("https:"), without user and password and without what ends a word in a file. */
export function isUrl(value: string, protocols: string[]): boolean {
  if (/[\s"'\\<>[\]]/.test(value.replace(/^\w+:\/\/\[[0-9a-f:.]+\]/i, ""))) return false;
  const url = parsedUrl(value);
  if (url === undefined || !protocols.includes(url.protocol)) return false;
  return url.hostname !== "" && url.username === "" && url.password === "";
}

/** What is wrong with a URL that Prosody asks for keys: its TLS knows no certificate of an IPv6 address. */
function askedByProsody(value: string, forbidden: RegExp) {
  if (!isUrl(value, ["https:"]) || forbidden.test(value)) return true;
  if (!/^https:\/\/\[/i.test(value)) return undefined;
  return {
    rule: "It names an IPv6 address, for which Prosody verifies no certificate: nobody could log in.",
    fix: "Write the name of the server in place of its address.",
  };
}

/** Where apt fetches packages. */
export const repository = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is an http or https URL without user, password or spaces; apt verifies the signatures of its packages.",
      fix: "Write it as in https://packages.example.org/debian.",
    },
    {
      problem: (value) => (isUrl(value, ["http:", "https:"]) ? undefined : true),
      canonical: withCanonicalHost,
    },
  );

/** How the address of a JWKS ends at identity providers: Keycloak and Google, Auth0, Entra, and what other files are called. */
const JWKS_ENDING = /(\/certs|\/jwks|\.json|\/discovery\/.*keys|\/openid-configuration)\/?$/i;

/** What is found there names the JWKS beside much else. */
const DISCOVERY_ENDING = /\/openid-configuration\/?$/i;

/** Where a key server has a file for each key: whoever answers there decides who comes in. */
export const keyServer = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is an https URL without user, password, query or spaces.",
      fix: "Write it as in https://keys.example.org/jwt.",
    },
    {
      canonical: withCanonicalHost,
      problem: (value) => {
        const problem = askedByProsody(value, /[?#]/);
        if (problem !== undefined) return problem;
        return JWKS_ENDING.test(value)
          ? {
              rule: "A key server has a separate file for each key, <url>/<sha256 of the key's id>.pem; this looks like the one document with all keys that identity providers publish (JWKS).",
              fix: "Use `jwks` instead of `keyServer`.",
            }
          : undefined;
      },
    },
  );

/** Where an identity provider publishes its keys. */
export const jwks = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is the https URL of a JWKS, without user, password, fragment or spaces.",
      fix: "Look up `jwks_uri` in the provider's /.well-known/openid-configuration; Keycloak: https://id.example.org/realms/REALM/protocol/openid-connect/certs.",
    },
    {
      canonical: withCanonicalHost,
      problem: (value) => {
        const problem = askedByProsody(value, /#/);
        if (problem !== undefined) return problem;
        return DISCOVERY_ENDING.test(value)
          ? {
              rule: "This document describes the provider; it does not contain the keys.",
              fix: "Open it, and write the value of `jwks_uri`.",
            }
          : undefined;
      },
    },
  );

/** A signing key. */
export const keySource = (words: Words) =>
  text(
    {
      ...words,
      rule: "A signing key is an https address, or the absolute path of a file on the machines.",
      fix: "Write it as in https://packages.example.org/key.gpg or /usr/share/keyrings/example.gpg.",
    },
    {
      canonical: withCanonicalHost,
      problem: (value) =>
        isUrl(value, ["https:"]) || /^(\/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)+$/.test(value) ? undefined : true,
    },
  );

/** Where an authority answers. */
export const url = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is an https URL without user, password or spaces: the authority's answers must be verified.",
      fix: "Write the address of its directory, as in https://ca.example.org/acme/directory.",
    },
    { problem: (value) => (isUrl(value, ["https:"]) ? undefined : true), canonical: withCanonicalHost },
  );
