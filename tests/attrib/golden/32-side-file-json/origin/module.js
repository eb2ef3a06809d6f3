function parseRange(header, size) {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (found === null || (found[1] === "" && found[2] === "")) {
    return null;
  }
  let first = found[1] === "" ? size - Number(found[2]) : Number(found[1]);
  let last = found[1] === "" || found[2] === "" ? size - 1 : Number(found[2]);
  first = Math.max(0, first);
  last = Math.min(last, size - 1);
  return first <= last ? { first, last, length: last - first + 1 } : null;
}
