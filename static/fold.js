/* Texts as the search compares them; the same as fold() of plans/search.py, as a test checks. */

"use strict";

const fold = (() => {
  // A voicing mark or long vowel belongs to the sign before it.
  const PIECES = /[^][ﾞﾟ\u3099\u309aーｰ]*/gu;
  // Long vowels, hyphens and dashes of every kind, middle dots, blanks, and what cannot be seen.
  const IGNORED = /[ー\-‐‑‒–—―−─~〜･・·\p{C}\p{Z}]/gu;
  // Sharp s and the final sigma: JavaScript has no case folding.
  const lower = (text) => text.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ");
  const hiragana = (sign) => String.fromCodePoint(sign.codePointAt(0) - 0x60);
  return (text) => (text.match(PIECES) ?? [])
    .map((piece) => lower(piece.normalize("NFKC")).replace(/[ァ-ヶ]/g, hiragana).replace(IGNORED, ""))
    .join("");
})();
