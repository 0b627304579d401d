/** Words of pulumi(1), or of what should start it → what to do about them. */
const REMEDIES: [RegExp, string][] = [
  [/\bpulumi ENOENT\b/, "; install the Pulumi CLI, or put it on the path of this shell"],
  [/no stack named /, "; pulumi stack ls lists those that are there, pulumi stack init makes one"],
];

/** What `pulumi` said, or why there was none that could say something, and what to do. */
export function wordsOfPulumi(stderr: string): string {
  return stderr.trim() + (REMEDIES.find(([said]) => said.test(stderr))?.[1] ?? "");
}
