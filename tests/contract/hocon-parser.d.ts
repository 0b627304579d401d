/** The one function of the package that the contract tests use; it ships no types. */
declare module "@pushcorn/hocon-parser" {
  /** The value of a HOCON text, substitutions resolved from the text and the environment. Rejects what it cannot read. */
  export function parse(options: { text: string; strict: boolean }): Promise<unknown>;
}
