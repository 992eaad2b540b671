// A file of any size, sent in pieces that each fit the server's door; what broke off goes on where it stopped.
// Without this script the form sends a small file as a whole.

const TRIES = 6;

class Refused extends Error {}

/** Ask the server, again after growing waits where nothing answers. */
async function ask(address, body, csrf) {
  for (let tried = 1; ; tried += 1) {
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": csrf };
      const answer = await fetch(address, { method: "POST", body, headers, redirect: "error" });
      if (answer.ok) return await answer.json();
      if (answer.status < 500 && answer.status !== 408) {
        const refusal = await answer.json().catch(() => ({}));
        throw new Refused([refusal.error, refusal.now].filter(Boolean).join(" "));
      }
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    if (tried === TRIES) throw new Error("away");
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tried));
  }
}

/** What this tab remembers of a file that was begun, so that choosing it again goes on. */
function memory(form, file) {
  const fields = new FormData(form);
  return ["attach", fields.get("about"), fields.get("of"), fields.get("role"), file.name, file.size, file.lastModified].join("\n");
}

class Attaching {
  constructor(form) {
    this.form = form;
    this.bar = form.querySelector("progress");
    this.wrong = form.querySelector("[data-wrong]");
    this.said = form.querySelector("[data-said]");
    this.csrf = form.elements.csrfmiddlewaretoken.value;
    form.addEventListener("submit", (event) => this.#begin(event));
  }

  async #begin(event) {
    const file = this.form.elements.file.files[0];
    if (!file) return;
    event.preventDefault();
    const button = this.form.querySelector("button");
    button.disabled = true;
    this.bar.hidden = false;
    this.wrong.hidden = true;
    try {
      window.location.assign(await this.#send(file));
    } catch (error) {
      this.bar.hidden = true;
      this.said.textContent = "";
      this.wrong.hidden = false;
      this.wrong.textContent = error instanceof Refused ? error.message : this.form.dataset.away;
      button.disabled = false;
    }
  }

  async #send(file) {
    const place = memory(this.form, file);
    let way = JSON.parse(sessionStorage.getItem(place) ?? "null");
    let have = 0;
    if (way) {
      try {
        ({ have } = await ask(way.pieces, null, this.csrf));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        way = null;
      }
    }
    if (!way) {
      const fields = new FormData(this.form);
      fields.delete("file");
      fields.set("name", file.name);
      fields.set("size", String(file.size));
      way = await ask(this.form.dataset.attach, fields, this.csrf);
      sessionStorage.setItem(place, JSON.stringify(way));
    }
    try {
      await this.#pieces(file, way, have);
      const { page } = await ask(way.finish, null, this.csrf);
      sessionStorage.removeItem(place);
      return page;
    } catch (error) {
      if (error instanceof Refused) sessionStorage.removeItem(place);
      throw error;
    }
  }

  async #pieces(file, way, have) {
    const all = Math.ceil(file.size / way.piece);
    for (let done = have; done < all; ) {
      const piece = file.slice(done * way.piece, (done + 1) * way.piece);
      ({ have: done } = await ask(way.pieces.replace(/0$/, String(done + 1)), piece, this.csrf));
      this.bar.max = all;
      this.bar.value = done;
      this.said.textContent = `${Math.floor((100 * done) / all)} %`;
    }
  }
}

for (const form of document.querySelectorAll("form[data-attach]")) new Attaching(form);
