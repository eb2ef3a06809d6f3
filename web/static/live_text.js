// The text of one choice while it is written: numbered lines, those of a match marked, hidden characters visible.
"use strict";
{
  const HIDDEN = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|(?![\t\n])\p{Cc}/gu;

  const cell = (name, content) => {
    const element = document.createElement("td");
    element.className = name;
    element.append(content);
    return element;
  };

  const codePoint = (character) => {
    const flag = document.createElement("span");
    flag.className = "hidden-character";
    flag.textContent = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    return flag;
  };

  class LiveText {
    #body;
    #rows = [];
    #matches = [];

    constructor(body) {
      this.#body = body;
    }

    // Takes a match; its lines may still have to come.
    mark(match) {
      this.#matches.push(match);
      for (let line = match.output.start_line; line <= match.output.end_line; line += 1) this.#tint(line);
    }

    append(text) {
      const [rest, ...lines] = text.split("\n");
      if (!this.#rows.length) this.#open();
      this.#write(rest);
      for (const line of lines) {
        this.#open();
        this.#write(line);
      }
    }

    #open() {
      const row = document.createElement("tr");
      row.append(cell("number", String(this.#rows.length + 1)), cell("mark", ""), cell("text", ""));
      this.#rows.push(row);
      this.#body.append(row);
      this.#tint(this.#rows.length);
    }

    #write(text) {
      const place = this.#rows.at(-1).lastElementChild;
      let at = 0;
      for (const found of text.matchAll(HIDDEN)) {
        place.append(text.slice(at, found.index), codePoint(found[0]));
        at = found.index + found[0].length;
      }
      place.append(text.slice(at));
    }

    #tint(line) {
      const row = this.#rows[line - 1];
      const number = this.#matches.findLastIndex(
        ({ output }) => output.start_line <= line && line <= output.end_line,
      );
      if (!row || number < 0) return;
      const match = this.#matches[number];
      row.className = `marked ${match.common ? "common" : match.verdict} ${match.kind}`;
      if (match.output.start_line === line) row.children[1].textContent = String(number + 1);
    }
  }

  window.LiveText = LiveText;
}
