// „Go to”: reads a time of the day, says beside the field what is wrong with it, and asks which of two is meant.

export class GoTo {
  /**
   * @param {HTMLFormElement} form
   * @param {import("./daytime.js").Daytime} day
   * @param {Record<string, string>} words
   * @param {(seconds: number) => void} go
   */
  constructor(form, day, words, go) {
    this.day = day;
    this.words = words;
    this.go = go;
    this.field = form.querySelector("input");
    this.answer = form.querySelector("[role=alert]");
    form.addEventListener("submit", (event) => this.#typed(event));
    this.field.addEventListener("input", () => this.#say());
  }

  /** Put the focus into the field. */
  focus() {
    this.field.focus();
    this.field.select();
  }

  #typed(event) {
    event.preventDefault();
    const read = this.day.read(this.field.value);
    if (read.at !== undefined) this.#chosen(read.at);
    else if (read.twice) this.#say(this.words.twice, read.twice);
    else this.#say(this.words[read.wrong]);
  }

  #chosen(seconds) {
    this.#say();
    this.go(seconds);
  }

  /** Say what is wrong, with the instants to choose from; without a text, say nothing any more. */
  #say(text, choice = []) {
    this.field.setAttribute("aria-invalid", String(Boolean(text)));
    this.answer.hidden = !text;
    const words = document.createElement("p");
    words.textContent = text ?? "";
    const seasons = [this.words.summer, this.words.winter];
    const buttons = choice.map((seconds, number) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${this.day.label(seconds)} – ${seasons[number]}`;
      button.addEventListener("click", () => this.#chosen(seconds));
      return button;
    });
    this.answer.replaceChildren(words, ...buttons);
  }
}
