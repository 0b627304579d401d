import type { Directive } from "../config/extra/nginx";

/** Words that nginx reads as they are. */
const BARE = /^[A-Za-z0-9_.,:/=@$%+*~^!?&()|-]+$/;

const isHeader = ({ words }: Directive) => words[0] === "add_header";

/** Headers that go into every answer: they stand outside of any location. */
export function headerLines(directives: Directive[]): string {
  return lines(directives.filter(isHeader), "", "").join("\n");
}

/**
 * Everything else, for the server block. A block with headers of its own includes the file with those of the deployment, since nginx
 * drops all inherited ones there.
 */
export function siteLines(directives: Directive[], headersFile: string): string {
  const others = directives.filter((directive) => !isHeader(directive));
  return lines(others, headersFile, "    ").join("\n");
}

function lines(directives: Directive[], headersFile: string, indent: string): string[] {
  return directives.flatMap(({ words, block }) => {
    const text = `${indent}${words.map(word).join(" ")}`;
    if (block === undefined) return [`${text};`];
    const inner = lines(block, headersFile, `${indent}    `);
    const own = block.some(isHeader) ? [`${indent}    include ${headersFile};`] : [];
    return [`${text} {`, ...own, ...inner, `${indent}}`];
  });
}

/** A word as nginx reads it back, in quotes where it needs them (ngx_conf_file.c, ngx_conf_read_token). */
function word(value: string): string {
  if (BARE.test(value)) return value;
  const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return `"${value.replace(/[\\"\n\r\t]/g, (letter) => escapes[letter] ?? `\\${letter}`)}"`;
}
