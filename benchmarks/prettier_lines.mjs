// Formats code with prettier: one JSON object {code, parser, options} a line in, one {code} or {error} a line out.
// Run as: node prettier_lines.mjs <path of prettier's index.mjs>
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const prettier = await import(pathToFileURL(process.argv[2]));

for await (const line of createInterface({ input: process.stdin })) {
  const { code, parser, options } = JSON.parse(line);
  let answer;
  try {
    answer = { code: await prettier.format(code, { parser, ...options }) };
  } catch (problem) {
    answer = { error: String(problem.message).split("\n")[0] };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
