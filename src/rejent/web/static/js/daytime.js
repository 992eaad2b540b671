// The axis of one civil date: positions are seconds elapsed since local midnight, labels are office time.

/** Two digits. @param {number} number */
const two = (number) => String(number).padStart(2, "0");

const LANGUAGE = document.documentElement.lang || "pl";
const COMMA = LANGUAGE.startsWith("pl") ? "," : ".";
const WRITTEN = /^(\d{1,2})(a?)(?:[:.]?(\d{2})(?:[:.]?(\d{2}))?)?(?:\s+\(?(?:czas\s+)?(letni|zimowy|summer|winter)\)?)?$/i;
const WINTER = /zimowy|winter/i;

export class Daytime {
  /**
   * @param {{length: number, hours: string[], offset?: number}} index how long the day is, and what the clock calls each of its
   *   hours: `02` and `02a` on the day that has 25. Of a call: how long it is, the hours it touches, and how many seconds into the
   *   first of them it begins.
   */
  constructor(index) {
    this.length = index.length;
    this.hours = index.hours;
    this.offset = index.offset ?? 0;
    this.whole = index.offset === undefined;
  }

  /** `14:05:09`, with `digits` more after the seconds; the end of the day is `24:00:00`. */
  label(seconds, digits = 0) {
    const floor = this.offset + Math.max(0, digits ? seconds : Math.floor(seconds + 1e-6));
    if (this.whole && floor >= this.length) return digits ? `24:00:00${COMMA}${"0".repeat(digits)}` : "24:00:00";
    const hour = Math.min(Math.floor(floor / 3600), this.hours.length - 1);
    const rest = floor - hour * 3600;
    const minute = Math.floor(rest / 60);
    const second = rest - minute * 60;
    const whole = `${this.hours[hour]}:${two(minute)}:${two(Math.floor(second))}`;
    if (!digits) return whole;
    const part = Math.floor((second % 1) * 10 ** digits + 1e-6);
    return `${whole}${COMMA}${String(part).padStart(digits, "0")}`;
  }

  /** `14:05`, or the bare hour on the full one. */
  short(seconds) {
    return this.label(seconds).slice(0, -3);
  }

  /**
   * What somebody typed: `14:05 14.05 1405 14 14:05:09 2a:25`, `2:25 letni`, `2:25 zimowy`.
   * @param {string} text
   * @returns {{at?: number, twice?: number[], wrong?: "noTime" | "timeEmpty" | "noSuchTime" | "skipped" | "notTwice"}}
   *   the second; or both seconds of a time that ran twice; or what is wrong with it.
   */
  read(text) {
    const written = text.trim();
    if (!written) return { wrong: "timeEmpty" };
    const found = WRITTEN.exec(written);
    if (!found) return { wrong: "noTime" };
    const [, hour, mark, minute = "0", second = "0", season = ""] = found;
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return { wrong: "noSuchTime" };
    const first = this.hours.indexOf(two(Number(hour)));
    const again = this.hours.indexOf(`${two(Number(hour))}a`);
    const within = Number(minute) * 60 + Number(second) - this.offset;
    if (first < 0) return { wrong: "skipped" };
    if (mark && again < 0) return { wrong: "notTwice" };
    if (again >= 0 && !mark && !season) return { twice: [first * 3600 + within, again * 3600 + within] };
    const winter = again >= 0 && (mark || WINTER.test(season));
    const at = (winter ? again : first) * 3600 + within;
    return at < 0 || at > this.length ? { wrong: "skipped" } : { at };
  }
}

/** A number as the reader writes it: `0,4` on a Polish page. @param {number} value @param {number} digits */
export function decimal(value, digits) {
  return new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** `23 h 34 min`, `14 min 10 s`, `10 s`: a length as the axis writes it. @param {number} seconds */
export function lengthWords(seconds) {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const parts = [];
  if (hours) parts.push(`${hours}\u00a0h`);
  if (minutes) parts.push(`${minutes}\u00a0min`);
  if (rest && !hours) parts.push(`${rest}\u00a0s`);
  return parts.join(" ") || "0\u00a0s";
}

/** Put facts into the `{places}` of a sentence. */
export function filled(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}
