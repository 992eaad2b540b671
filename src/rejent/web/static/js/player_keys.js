// Which act of the player a key asks for. Letters count only where a person has not switched them off, and none counts
// with Alt, Ctrl or Meta, in a field, or where a focused button wants the key for itself.

import { isTyping, letterKeys } from "./page.js";

const FIXED = {
  ArrowLeft: "back", ArrowRight: "on", PageUp: "ten-back", PageDown: "ten-on", Home: "first", End: "last",
};
const WITH_SHIFT = { ArrowLeft: "minute-back", ArrowRight: "minute-on" };
const LETTERS = {
  k: "stop", l: "faster", j: "slower", L: "half", J: "half-back", ",": "frame-back", ".": "frame-on",
  n: "next", p: "previous", i: "from", o: "to", x: "clear", g: "time",
  "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "whole", f: "full", "?": "keys",
};

/** The act's name, or undefined. @param {KeyboardEvent} event */
export function actOf(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) return undefined;
  const onButton = event.target.closest("button, a, summary");
  const fixed = (event.shiftKey ? WITH_SHIFT[event.key] : undefined) ?? FIXED[event.key];
  if (fixed) return onButton && event.target.closest(".table-room") ? undefined : fixed;
  if (event.key === " ") return onButton ? undefined : "play";
  return letterKeys ? LETTERS[event.key] : undefined;
}
