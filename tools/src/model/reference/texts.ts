import type { Manifest } from '@rerank-fleet/scoring';

/** A text that tokenizers often treat differently. */
export interface OddText {
  text: string;
  /** Set if transformers.js may give other ids than Python's `tokenizers`, which this project follows. */
  known?: KnownDifference;
}

/** A difference between transformers.js and Python's `tokenizers` (docs/adr/0006, 0013 and 0017). */
interface KnownDifference {
  reason: string;
  /** Whether a bundle has the part that causes the difference. */
  concerns(manifest: Manifest, tokenizerJson: string): boolean;
}

const characterMap: KnownDifference = {
  reason: "transformers.js has NFKC in place of SentencePiece's character map",
  concerns: (_manifest, tokenizerJson) => /"type":\s*"Precompiled"/.test(tokenizerJson),
};
const lineBreak: KnownDifference = {
  reason: 'the white space of JavaScript lacks U+0085, a line break of Unicode',
  concerns: () => true,
};
const emptyPair: KnownDifference = {
  reason: 'transformers.js puts no end token after an empty document of a pair',
  concerns: (manifest) => manifest.head === 'sequence-classification' && manifest.template.kind === 'pair',
};

/** Texts of every comparison with the reference, in addition to the golden pairs of a bundle. */
export const oddTexts: readonly OddText[] = [
  { text: '', known: emptyPair },
  { text: 'Mars.' },
  { text: "I'LL say they don't; we've 3.14 x 10^-5 of 1,234,567 (e.g. 50 %)." },
  { text: 'if (a<b) { return x["k"] ?? !y; } // https://example.org/a_b?c=d&e=%20#f' },
  { text: '__init__ ##ing ▁b' },
  { text: '“smart” ‘quotes’ – — …' },
  { text: '怎样解决显存不足?' },
  { text: 'カタカナとひらがなと漢字。' },
  { text: '한국어 문장입니다' },
  { text: '\u1112\u1161\u11ab' },
  { text: 'ما هو الكوكب الأحمر؟' },
  { text: 'שָׁלוֹם עולם' },
  { text: 'लाल ग्रह कौन सा है?' },
  { text: 'ดาวเคราะห์สีแดงคืออะไร' },
  { text: 'Ёлка и йод: что это?' },
  { text: 'İstanbul ıI ß ẞ ǅ ſe' },
  { text: '🚀👍🏽 ok 🇩🇪🇯🇵' },
  { text: '👩\u200d👩\u200d👧\u200d👦 family', known: characterMap },
  { text: '𠮷野家 𝔸𝒷 𐍈' },
  { text: 'café Ångström' },
  { text: 'cafe\u0301 A\u030angstro\u0308m' },
  { text: 'a\u0301\u0323\u0302\u0316 b\u0327\u0301', known: characterMap },
  { text: `a${'\u0301'.repeat(100)}`, known: characterMap },
  { text: 'ﬁne ﬀ ½ ™ ℃ ＡＢＣ１２３，。！' },
  { text: 'ｶﾀｶﾅ ｶﾞ', known: characterMap },
  { text: '  leading,  double\tand\ntrailing\r\n' },
  { text: 'a\u00a0b\u2003c\u3000d\u2028e\u2029f' },
  { text: 'a\u200bb\u200cc\u200dd\u2060e', known: characterMap },
  { text: 'a\u0085b', known: lineBreak },
  { text: '\ufeffa\ufeffb' },
  { text: 'a\u0000b\u0007c\u001bd\u007fe' },
  { text: 'co\u00adoperate \u202ertl\u202c \ufffd\ue000' },
  { text: 'internationalisation'.repeat(10) },
  { text: '漢'.repeat(120) },
];
