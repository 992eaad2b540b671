// Signatures drawn with a finger, a pen or the mouse: strokes in fields that the form sends. Without this script one signs on paper.

const WIDTH = 1000;
const HEIGHT = 300;

class Signature {
  constructor(room) {
    this.canvas = room.querySelector("canvas");
    this.field = room.querySelector("input[type=hidden]");
    this.strokes = [];
    this.canvas.width = WIDTH;
    this.canvas.height = HEIGHT;
    this.pen = this.canvas.getContext("2d");
    this.pen.lineWidth = 6;
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.#go(event));
    this.canvas.addEventListener("pointerup", () => this.#end());
    this.canvas.addEventListener("pointercancel", () => this.#end());
    room.querySelector("button").addEventListener("click", () => this.#clear());
    room.hidden = false;
  }

  #point(event) {
    const box = this.canvas.getBoundingClientRect();
    const within = (share, most) => Math.round(Math.min(Math.max(share, 0), 1) * most);
    return [within((event.clientX - box.left) / box.width, WIDTH), within((event.clientY - box.top) / box.height, HEIGHT)];
  }

  #begin(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.stroke = [this.#point(event)];
    this.strokes.push(this.stroke);
    this.pen.strokeStyle = getComputedStyle(this.canvas).color;
  }

  #go(event) {
    if (!this.stroke) return;
    const [x, y] = this.#point(event);
    const [lastX, lastY] = this.stroke.at(-1);
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 4) return;
    this.pen.beginPath();
    this.pen.moveTo(lastX, lastY);
    this.pen.lineTo(x, y);
    this.pen.stroke();
    this.stroke.push([x, y]);
  }

  #end() {
    this.stroke = null;
    this.field.value = JSON.stringify(this.strokes);
  }

  #clear() {
    this.strokes = [];
    this.field.value = "";
    this.pen.clearRect(0, 0, WIDTH, HEIGHT);
  }
}

for (const room of document.querySelectorAll("[data-signature]")) new Signature(room);
document.querySelector("[data-keep]").hidden = false;
