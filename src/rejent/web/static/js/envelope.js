// How loud each party of a call is: one path for each, mirrored about the middle of its lane.

/** Pixels of a party's lane, and of those at its top, above the envelope, for the name. */
export const VOICE = 60;
export const NAMED = 16;
const STEP = 2;

/** The parties of a call; of anything else none. @param {{lanes?: {name: string, levels: string, rate: number}[]}} index */
export function lanesOf(index) {
  return (index.lanes ?? []).map(({ name, levels, rate }) => ({ name, rate, levels: Uint8Array.from(atob(levels), (sign) => sign.charCodeAt(0)) }));
}

/** The path of each party over what is visible. @param {import("./timeline.js").Timeline} line */
export function outlines(line) {
  return line.lanes.map(({ levels, rate }, number) => {
    const middle = line.lane.y + VOICE * number + (NAMED + VOICE) / 2;
    const upper = [];
    const lower = [];
    for (let x = 0; x <= line.width; x += STEP) {
      const from = Math.floor(line.seconds(x) * rate);
      const to = Math.max(Math.floor(line.seconds(x + STEP) * rate), from + 1);
      const high = (Math.max(0, ...levels.subarray(from, to)) / 255) * ((VOICE - NAMED) / 2 - 2);
      upper.push(`${x} ${(middle - high).toFixed(1)}`);
      lower.unshift(`${x} ${(middle + high).toFixed(1)}`);
    }
    return `M${[...upper, ...lower].join(" L")}Z`;
  });
}
