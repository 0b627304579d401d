/**
 * The parts of a URL; undefined where the text is none. URL.canParse of Node 20 is not asked: once it is compiled, it refuses
 * letters such as ü (its fast path takes their one byte for UTF-8).
 */
export function parsedUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
