// SPDX-SnippetBegin
// SPDX-SnippetCopyrightText: 2021 Pia Example
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
llvm_like::Expected<Range> parseRange(StringRef text, SourceMap &sources) {
  auto [begin, end] = text.split('-');
  unsigned first = 0, last = 0;
  if (begin.getAsInteger(10, first))
    return makeError(sources.locate(begin.data()), "a range begins with a number");
  if (end.empty())
    last = first;
  else if (end.getAsInteger(10, last) || last < first)
    return makeError(sources.locate(end.data()), "a range ends with a larger number");
  return Range{first, last};
}
// SPDX-SnippetEnd
