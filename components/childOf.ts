import * as pulumi from "@pulumi/pulumi";

/** A component as its children need it: their names begin with its name. */
export interface Owner {
  name: string;
  parent: pulumi.Resource;
}

/** Options of a resource that belongs to a component: the parent, and whatever else is given. */
export function childOf(
  parent: pulumi.Resource,
  more: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return { ...more, parent };
}
