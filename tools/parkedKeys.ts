import { isMap, isScalar, isSeq, type Node } from "yaml";
import { stackDocument, StackFileError } from "./stackFile";

/** A stack file in which these bridges have that `parked`; all else stays as somebody wrote it. Throws StackFileError. */
export function withParked(text: string, parked: Record<string, boolean>, file: string): string {
  const places = Object.entries(parked).map(([id, value]) => ({ ...placeOf(text, id, file), value }));
  // The last one first: what is written moves no place before it.
  places.sort((one, other) => other.start - one.start);
  return places.reduce(
    (written, { start, end, value }) => written.slice(0, start) + String(value) + written.slice(end),
    text,
  );
}

/** Where the value of `parked` of a bridge stands. */
function placeOf(text: string, id: string, file: string): { start: number; end: number } {
  const bridge = bridgesIn(text, file).find((one) => isMap(one) && one.get("id") === id);
  const value = isMap(bridge) ? (bridge.get("parked", true) as Node | undefined) : undefined;
  const [start, end] = (isScalar(value) ? value.range : undefined) ?? [];
  if (start === undefined || end === undefined)
    throw new StackFileError(`${file}: parked of ${id} is not written out; write it there, without an alias`);
  return { start, end };
}

function bridgesIn(text: string, file: string): unknown[] {
  const regions = stackDocument(text, file).document.getIn(["config", "jitsi:regions"]);
  const lists = isSeq(regions)
    ? regions.items.map((region) => (isMap(region) ? region.get("videobridges") : []))
    : [];
  return lists.flatMap((list) => (isSeq(list) ? list.items : []));
}
