import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Store } from "../../lab/plugins/aws/core/store";
import { create, checkInputs } from "../../lab/plugins/shared/operations";
import type { Context, ResourceType } from "../../lab/plugins/shared/resource";
import type { Properties } from "../../lab/plugins/shared/values";

/** A made resource of the account. */
export interface Resource {
  id: string;
  state: Properties;
}

/** An account of its own in a temporary folder, driven through the types as a provider of one region drives them. */
export class TestAccount {
  readonly folder = mkdtempSync(join(tmpdir(), "aws-stand-in-"));
  readonly warnings: string[] = [];
  private readonly before = process.env["AUDIO_MEET_LAB"];

  constructor() {
    process.env["AUDIO_MEET_LAB"] = this.folder;
  }

  get store(): Store {
    return new Store();
  }

  context(id = "", region = "eu-central-1", name = "subject"): Context {
    const config = { region, defaultTags: { tags: { stack: "test" } } };
    const { signal } = new AbortController();
    const warn = (message: string) => this.warnings.push(message);
    return { urn: "", name, id, config, signal, warn, status: () => undefined };
  }

  /** Checks and creates as the engine does; throws the refusals of either. */
  async create(type: ResourceType, inputs: Properties, region?: string, name?: string): Promise<Resource> {
    const failures = checkInputs(type, inputs);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    return create(type, inputs, false, this.context("", region, name));
  }

  async remove(type: ResourceType, { id, state }: Resource): Promise<void> {
    await type.delete?.(state, this.context(id));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
    if (this.before === undefined) delete process.env["AUDIO_MEET_LAB"];
    else process.env["AUDIO_MEET_LAB"] = this.before;
  }
}
