import { text, type Words } from "./field";

function isUrl(value: string, protocols: string[]): boolean {
  if (/[\s"'\\<>[\]]/.test(value.replace(/^\w+:\/\/\[[0-9a-f:.]+\]/i, "")) || !URL.canParse(value))
    return false;
  const url = new URL(value);
  return (
    protocols.includes(url.protocol) && url.hostname !== "" && url.username === "" && url.password === ""
  );
}

/** Where apt fetches packages. */
export const repository = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is an http or https URL without user, password or spaces; apt verifies what comes from there by signature.",
      fix: "Write it as in https://packages.example.org/debian.",
    },
    { problem: (value) => (isUrl(value, ["http:", "https:"]) ? undefined : true) },
  );

/** Where keys are fetched: whoever answers there decides who comes in. */
export const keyServer = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is an https URL without user, password, query or spaces.",
      fix: "Write it as in https://keys.example.org/jwt.",
    },
    { problem: (value) => (isUrl(value, ["https:"]) && !/[?#]/.test(value) ? undefined : true) },
  );

/** A signing key. */
export const keySource = (words: Words) =>
  text(
    {
      ...words,
      rule: "A signing key comes over https, or is a file on the machines, named by its absolute path.",
      fix: "Write it as in https://packages.example.org/key.gpg or /usr/share/keyrings/example.gpg.",
    },
    {
      problem: (value) =>
        isUrl(value, ["https:"]) || /^(\/[A-Za-z0-9_+@-][A-Za-z0-9._+@-]*)+$/.test(value) ? undefined : true,
    },
  );

/** Where an authority answers. */
export const url = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is an https URL without user, password or spaces: what an authority says must be verified.",
      fix: "Write the address of its directory, as in https://ca.example.org/acme/directory.",
    },
    { problem: (value) => (isUrl(value, ["https:"]) ? undefined : true) },
  );
