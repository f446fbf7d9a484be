// How long a feedback is, counted as feedback/rules.py counts; there is the word that holds, here it is said while typing.

const HAN = /[㐀-䶿一-鿿豈-﫿\u{20000}-\u{3ffff}]/u;
const BLANK = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"; // as Python's, not \s
const BLANKS = new RegExp(`${BLANK}+`, "u");
const ENDS = new RegExp(`^${BLANK}+|${BLANK}+$`, "gu");
const END = new RegExp(`[。｡！？!?…‼⁇⁈⁉]+|\\.(?=${BLANK}|$)|[\\n\\r\\u2028\\u2029]+`, "u");
const SAID = /[\p{L}\p{N}_]/u;
const UNSEEN = /\p{Cf}/u;
const GOES_ON = /[\p{Mn}\p{Me}\u{1f3fb}-\u{1f3ff}]/u;
const FLAG_LETTER = /^[\u{1f1e6}-\u{1f1ff}]$/u;
const JOINER = "\u200d";

export const sentences = (text) => text.split(END).filter((part) => SAID.test(part)).length;

export function characters(text) {
  let number = 0;
  let cluster = "";
  for (const letter of text.replace(ENDS, "")) {
    const joins = GOES_ON.test(letter) || (FLAG_LETTER.test(letter) && FLAG_LETTER.test(cluster));
    if (UNSEEN.test(letter)) cluster += cluster ? letter : "";
    else if (cluster && (joins || cluster.endsWith(JOINER))) cluster += letter;
    else {
      number += 1;
      cluster = letter;
    }
  }
  return number;
}

const words = (text) => text.split(BLANKS).filter((word) => characters(word)).length;

// [how long, how long it may be], in characters where there are Chinese ones, else in words
export const actionLength = (text) => (HAN.test(text) ? [characters(text), 20] : [words(text), 12]);
