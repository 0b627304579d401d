import { canonicalAddress } from "./address";
import { keyPath } from "./errors";
import { canonicalHost } from "./host";
import { valueAt } from "./issues";

/** Where a value stands in the raw configuration. */
export type Path = (string | number)[];

/** Reads parts of the raw configuration, skipping those in which the schema found a mistake. */
export class Reader {
  constructor(
    private readonly raw: unknown,
    private readonly failed: ReadonlySet<string>,
  ) {}

  private value(path: Path): unknown {
    return this.failed.has(keyPath(path)) ? undefined : valueAt(this.raw, path);
  }

  text(...path: Path): string | undefined {
    const value = this.value(path);
    return typeof value === "string" ? value : undefined;
  }

  address(...path: Path): string | undefined {
    const value = this.text(...path);
    return value === undefined ? undefined : canonicalAddress(value);
  }

  host(...path: Path): string | undefined {
    const value = this.text(...path);
    return value === undefined ? undefined : canonicalHost(value);
  }

  number(...path: Path): number | undefined {
    const value = this.value(path);
    return typeof value === "number" ? value : undefined;
  }

  /** What stands at the keys of a structure. */
  entries(...path: Path): Record<string, unknown> {
    const value = this.value(path);
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(Object.keys(value).map((key) => [key, this.value([...path, key])]));
  }

  flag(...path: Path): boolean | undefined {
    const value = this.value(path);
    return typeof value === "boolean" ? value : undefined;
  }

  has(...path: Path): boolean {
    return valueAt(this.raw, path) !== undefined;
  }

  /** Names of the keys of a structure. */
  keys(...path: Path): string[] {
    const value = valueAt(this.raw, path);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  }

  /** Positions of a list; undefined where it is none. */
  positions(...path: Path): number[] | undefined {
    const value = valueAt(this.raw, path);
    return Array.isArray(value) ? [...value.keys()] : undefined;
  }
}
