/** The bridge or the recorder of that id; throws where the deployment has none. */
export function named<Member extends { id: string }>(
  what: "bridge" | "recorder",
  members: Member[],
  id: string,
): Member {
  const member = members.find((one) => one.id === id);
  if (member === undefined) throw new Error(`the deployment has no ${what} ${id}; say which with \`id\``);
  return member;
}
