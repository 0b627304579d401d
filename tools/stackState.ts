/** A resource as `pulumi stack export` writes it (apitype.ResourceV3), as far as it matters here. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  /** URN and id of the provider that it was made with. */
  provider?: string;
  inputs?: { connection?: unknown };
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  replaceWith?: string[];
  deletedWith?: string;
}

/** What `pulumi stack export` writes, and `pulumi stack import` reads. */
export interface StackState {
  version: number;
  deployment: { resources?: StateResource[] };
}

const STEP = "command:remote:Command";
/** Key of a value that is a secret, and what it is with `--show-secrets` (sdk/go/common/resource/properties.go). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

interface Connection {
  host?: unknown;
  port?: unknown;
}

/** A connection in clear, whether it is a secret as a whole or not. */
function connectionOf({ inputs }: StateResource): Connection {
  const value = inputs?.connection as { [SIGNATURE]?: string; plaintext?: string } | undefined;
  if (value?.[SIGNATURE] === undefined) return (value ?? {}) as Connection;
  return JSON.parse(value.plaintext ?? "{}") as Connection;
}

function endpointOf(resource: StateResource): string {
  const { host, port } = connectionOf(resource);
  return JSON.stringify([host, port]);
}

/** URNs of all steps that log in where the first step of a host does, whoever they belong to. */
export function stepsAt(state: StackState, hostId: string): string[] {
  const steps = (state.deployment.resources ?? []).filter(({ type }) => type === STEP);
  // Of the stack's own program, and of one from before its deployment had a name.
  const first = steps.find(({ urn }) => new RegExp(`::(meet-)?${hostId}-bootstrap$`).test(urn));
  if (!first) return [];
  return steps.filter((step) => endpointOf(step) === endpointOf(first)).map(({ urn }) => urn);
}

/** The state without some resources, and without a word of them in others. */
export function withoutSteps(state: StackState, gone: ReadonlySet<string>): StackState {
  const stays = (urn: string) => !gone.has(urn);
  const resources = (state.deployment.resources ?? []).filter(({ urn }) => stays(urn));
  return {
    ...state,
    deployment: { ...state.deployment, resources: resources.map((one) => cleaned(one, stays)) },
  };
}

function cleaned(resource: StateResource, stays: (urn: string) => boolean): StateResource {
  const { dependencies, propertyDependencies, replaceWith, deletedWith, ...rest } = resource;
  const properties = Object.entries(propertyDependencies ?? {});
  return {
    ...rest,
    ...(dependencies && { dependencies: dependencies.filter(stays) }),
    ...(propertyDependencies && {
      propertyDependencies: Object.fromEntries(
        properties.map(([name, urns]) => [name, urns?.filter(stays) ?? null]),
      ),
    }),
    ...(replaceWith && { replaceWith: replaceWith.filter(stays) }),
    ...(deletedWith !== undefined && stays(deletedWith) && { deletedWith }),
  };
}
