import { createHash } from "node:crypto";
import type { DeploymentPlan } from "../../plan/types";

/** Where nginx serves a logo of ours; the end says what it is. */
export const LOGO_PATH = "/images/audio-meet-logo";

/** Where the browser finds the logo; undefined: Jitsi's own. A new file has a new address, since browsers keep it for a year. */
export function logoUrl({ web: { logo } }: DeploymentPlan): string | undefined {
  if (logo === undefined || "url" in logo) return logo?.url;
  const version = createHash("sha256").update(logo.base64).digest("hex").slice(0, 12);
  return `${LOGO_PATH}.${logo.kind}?v=${version}`;
}

type Kind = keyof DeploymentPlan["web"]["links"];

/** What the links are called, in the languages that we know; in others as in English. */
const WORDS: Record<string, Record<Kind, string>> = {
  en: { privacy: "Privacy policy", imprint: "Legal notice", terms: "Terms of use", help: "Help" },
  de: { privacy: "Datenschutz", imprint: "Impressum", terms: "Nutzungsbedingungen", help: "Hilfe" },
  es: { privacy: "Privacidad", imprint: "Aviso legal", terms: "Condiciones de uso", help: "Ayuda" },
  fr: {
    privacy: "Confidentialité",
    imprint: "Mentions légales",
    terms: "Conditions d’utilisation",
    help: "Aide",
  },
  it: { privacy: "Privacy", imprint: "Note legali", terms: "Condizioni d’uso", help: "Aiuto" },
  nl: { privacy: "Privacy", imprint: "Colofon", terms: "Gebruiksvoorwaarden", help: "Hulp" },
};

/** Links of the start page in the language of the page, in an order that stays. */
export function pageLinks({ web: { language, links } }: DeploymentPlan): { label: string; url: string }[] {
  const words = { ...WORDS["en"], ...WORDS[language.slice(0, 2)] } as Record<Kind, string>;
  return (["privacy", "imprint", "terms", "help"] as const).flatMap((kind) => {
    const url = links[kind];
    return url === undefined ? [] : [{ label: words[kind], url }];
  });
}
