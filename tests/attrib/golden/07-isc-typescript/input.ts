export function groupConsecutive<T>(items: readonly T[], same: (a: T, b: T) => boolean): T[][] {
  const groups: T[][] = [];
  for (const item of items) {
    const current = groups[groups.length - 1];
    if (current !== undefined && same(current[current.length - 1], item)) {
      current.push(item);
    } else {
      groups.push([item]);
    }
  }
  return groups.filter((group) => group.length > 0);
}
