// Sends the generate form and shows the answer while it is written; the record follows when it is stored.
// Without this file the form is sent as any other, and the record follows when everything is written.
"use strict";
{
  const WORDS = { exact: "exact copy", near: "near copy", renamed: "copy with other names" };
  const live = document.getElementById("live");
  const state = document.getElementById("live-state");
  const texts = document.getElementById("live-texts");
  const told = document.getElementById("live-matches");
  const stop = document.getElementById("live-stop");

  // Reads server-sent events of a response: yields [name, data].
  async function* events(response) {
    let rest = "";
    for await (const piece of chunks(response.body.pipeThrough(new TextDecoderStream()))) {
      rest += piece;
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const lines = block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
        const { event, data } = Object.fromEntries(lines);
        yield [event, JSON.parse(data)];
      }
    }
  }

  // Not every browser can loop over a stream.
  async function* chunks(stream) {
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }

  class Answer {
    #choices = new Map();

    choice(number) {
      if (!this.#choices.has(number)) {
        const box = document.getElementById("live-choice").content.cloneNode(true).firstElementChild;
        if (number) box.querySelector("h3").textContent = `Choice ${number + 1}`;
        box.querySelector(".code").setAttribute("aria-label", `Text of choice ${number + 1}`);
        texts.append(box);
        this.#choices.set(number, new LiveText(box.querySelector("tbody")));
      }
      return this.#choices.get(number);
    }

    take(name, data) {
      if (name === "match") {
        this.choice(data.choice).mark(data.match);
        told.append(line(data.match));
      } else if (name === "text") {
        state.textContent = "The model is writing; every line was checked before it appeared here.";
        this.choice(data.choice).append(data.text);
      } else if (name === "choice" && data.code === null) {
        told.append(entry(`Choice ${data.choice + 1} is withheld: ${data.reasons.join("; ")}`));
      }
    }
  }

  const entry = (words) => {
    const item = document.createElement("p");
    item.textContent = words;
    return item;
  };

  const line = ({ kind, verdict, common, output, origins: [origin] }) => {
    const words = `${WORDS[kind]} of ${origin.purl}, ${origin.license}, from line ${output.start_line} on`;
    const item = entry(words[0].toUpperCase() + words.slice(1));
    item.className = common ? "common" : verdict;
    return item;
  };

  const begin = (form) => {
    texts.replaceChildren();
    told.replaceChildren();
    live.hidden = false;
    stop.hidden = false;
    state.textContent = form.dataset.model === "loaded"
      ? "The model is writing. Text appears as soon as it is checked."
      : "The model is being loaded; this takes some seconds the first time. Then it writes.";
    live.scrollIntoView({ block: "start" });
  };

  const end = (form, words) => {
    state.textContent = words;
    stop.hidden = true;
    form.querySelector("[type=submit]").disabled = false;
  };

  // Shows the page that the server answered with: the form again, and what is wrong.
  const showForm = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    document.querySelector("#asking").replaceWith(page.querySelector("#asking") ?? page.querySelector("main"));
    live.hidden = true;
    document.querySelector("#asking [role=alert], #asking h1")?.focus();
  };

  const send = async (form, leaving) => {
    const answer = new Answer();
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "text/event-stream" },
      signal: leaving.signal,
    });
    if (!response.headers.get("Content-Type").startsWith("text/event-stream")) return showForm(await response.text());
    for await (const [name, data] of events(response)) {
      if (name === "done") return location.assign(data.page);
      if (name === "error") return end(form, `${data.title}: ${data.detail}`);
      answer.take(name, data);
    }
    end(form, "The connection ended before the answer did. Send the form again.");
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-stream]");
    if (!form) return;
    event.preventDefault();
    form.querySelector("[type=submit]").disabled = true;
    const leaving = new AbortController();
    stop.onclick = () => leaving.abort();
    begin(form);
    try {
      await send(form, leaving);
    } catch (error) {
      if (leaving.signal.aborted) end(form, "Stopped. What was written so far is kept as a record.");
      else end(form, "The server cannot be reached. Send the form again.");
    }
  });

  // Who comes back with the browser's arrow finds a form that can be sent.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[data-stream] [type=submit]")) button.disabled = false;
    live.hidden = true;
  });
}
