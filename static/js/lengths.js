// How long a feedback is, counted as feedback/rules.py counts; there is the word that holds, here it is said while typing.

const HAN = /[㐀-䶿一-鿿豈-﫿\u{20000}-\u{3ffff}]/u;
const END = /[。！？!?…]+|\.(?=\s|$)|\n+/u;
const SAID = /[\p{L}\p{N}_]/u;
const GOES_ON = /[\p{Mn}\p{Me}\p{Cf}\u{1f3fb}-\u{1f3ff}]/u;
const JOINER = "\u200d";

export const sentences = (text) => text.split(END).filter((part) => SAID.test(part)).length;

export function characters(text) {
  let number = 0;
  let before = "";
  for (const letter of text.trim()) {
    if (!number || !(GOES_ON.test(letter) || before === JOINER)) number += 1;
    before = letter;
  }
  return number;
}

const words = (text) => text.split(/\s+/u).filter(Boolean).length;

// [how long, how long it may be], in characters where there are Chinese ones, else in words
export const actionLength = (text) => (HAN.test(text) ? [characters(text), 20] : [words(text), 12]);
