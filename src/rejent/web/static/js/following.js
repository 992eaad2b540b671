// Where a part of one picture lies in the next: the place around it at which the pixels differ least. A proposal, nothing more.

const REACH = 20;
const ALIKE = 28;
const GRAIN = 2;

/** How much a box of one picture differs from one of another, a pixel. @param {number} most no more than this matters */
function difference(before, after, width, [x, y, across, down], dx, dy, most) {
  let sum = 0;
  let count = 0;
  for (let row = y; row < y + down; row += GRAIN) {
    for (let column = x; column < x + across; column += GRAIN) {
      sum += Math.abs(before[row * width + column] - after[(row + dy) * width + column + dx]);
      count += 1;
    }
    if (sum > most * Math.ceil(down / GRAIN) * Math.ceil(across / GRAIN)) return Infinity;
  }
  return sum / Math.max(count, 1);
}

/**
 * Return the box in the second picture, or null where nothing there is alike.
 * @param {Uint8Array} before @param {Uint8Array} after grey values, row by row
 * @param {[number, number]} size of both @param {number[]} box left, top, width, height, in pixels
 */
export function followed(before, after, [width, height], box) {
  const [x, y, across, down] = box;
  let best = Infinity;
  let found = null;
  for (let reach = 0; reach <= REACH; reach += 1) {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        if (Math.max(Math.abs(dx), Math.abs(dy)) !== reach) continue;
        if (x + dx < 0 || y + dy < 0 || x + dx + across > width || y + dy + down > height) continue;
        const apart = difference(before, after, width, box, dx, dy, best);
        if (apart < best) [best, found] = [apart, [x + dx, y + dy, across, down]];
      }
    }
  }
  return best <= ALIKE ? found : null;
}
